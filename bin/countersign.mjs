#!/usr/bin/env node
import { runScript } from '../scripts/bootstrap.mjs';

await runScript('countersign');
