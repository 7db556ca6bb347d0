// Prints a seeded random sample of comments, commit subjects and console texts, for a reader who does not know the
// project: whatever that reader cannot restate in one sentence is rewritten.
//
//   npx tsx scripts/checks/language-sample.ts --seed 1 [--comments 100] [--subjects 50] [--texts 100] [--since REV]
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import ts from 'typescript';

interface Sample {
  readonly where: string;
  readonly text: string;
}

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    comments: { type: 'string', default: '100' },
    subjects: { type: 'string', default: '50' },
    texts: { type: 'string', default: '100' },
    since: { type: 'string' },
  },
});

/** Attributes of JSX elements whose strings people read. */
const READ_ATTRIBUTES = new Set([
  'title',
  'label',
  'description',
  'placeholder',
  'caption',
  'message',
  'aria-label',
  'alt',
  'hint',
]);
const MIN_WORDS = 3;

const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8' }).split('\n').filter(Boolean);

/** Mulberry32: the same seed gives the same sample on every machine. */
function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function pick(samples: readonly Sample[], count: number, next: () => number): Sample[] {
  const rest = [...samples];
  const picked: Sample[] = [];
  while (picked.length < count && rest.length > 0) {
    const [sample] = rest.splice(Math.floor(next() * rest.length), 1);
    if (sample) picked.push(sample);
  }
  return picked;
}

const wordsOf = (text: string) => text.split(/\s+/).filter((word) => /[a-z]{2}/i.test(word)).length;
const plain = (text: string) => text.replace(/\s+/g, ' ').trim();

/** Comments of one file; consecutive line comments count as one. */
function commentsOf(file: string, source: string): Sample[] {
  const scanner = ts.createScanner(
    ts.ScriptTarget.Latest,
    false,
    file.endsWith('x') ? ts.LanguageVariant.JSX : ts.LanguageVariant.Standard,
    source,
  );
  const samples: Sample[] = [];
  let lines: string[] = [];
  let firstLine = 0;
  let lastLine = -2;
  const flush = () => {
    const text = plain(lines.join(' '));
    if (wordsOf(text) >= MIN_WORDS) samples.push({ where: `${file}:${firstLine + 1}`, text });
    lines = [];
  };
  const lineStarts = ts.createSourceFile(file, source, ts.ScriptTarget.Latest).getLineStarts();
  const lineAt = (position: number) => lineStarts.findLastIndex((start) => start <= position);
  for (let token = scanner.scan(); token !== ts.SyntaxKind.EndOfFileToken; token = scanner.scan()) {
    const single = token === ts.SyntaxKind.SingleLineCommentTrivia;
    if (!single && token !== ts.SyntaxKind.MultiLineCommentTrivia) continue;
    const line = lineAt(scanner.getTokenStart());
    if (!single || line !== lastLine + 1) {
      flush();
      firstLine = line;
    }
    lastLine = single ? line : -2;
    lines.push(
      scanner
        .getTokenText()
        .replace(/^\/\/+|^\/\*+|\*+\/$/g, '')
        .replace(/^\s*\* ?/gm, ''),
    );
  }
  flush();
  return samples;
}

/** What a person reads in the console: text between tags, and the attributes named above. */
function textsOf(file: string, source: string): Sample[] {
  const tree = ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX);
  const samples: Sample[] = [];
  const add = (node: ts.Node, text: string) => {
    const { line } = tree.getLineAndCharacterOfPosition(node.getStart());
    if (wordsOf(text) >= MIN_WORDS) samples.push({ where: `${file}:${line + 1}`, text: plain(text) });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isJsxText(node)) add(node, node.text);
    else if (ts.isStringLiteralLike(node) && isRead(node)) add(node, node.text);
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return samples;
}

function isRead(node: ts.StringLiteralLike): boolean {
  const { parent } = node;
  if (ts.isJsxAttribute(parent)) return READ_ATTRIBUTES.has(parent.name.getText());
  if (ts.isPropertyAssignment(parent)) return READ_ATTRIBUTES.has(parent.name.getText().replaceAll("'", ''));
  return ts.isJsxExpression(parent) || (ts.isConditionalExpression(parent) && ts.isJsxExpression(parent.parent));
}

const files = git('ls-files', '*.ts', '*.tsx').filter((file) => !file.includes('/generated/'));
const sources = files.map((file) => ({ file, source: readFileSync(file, 'utf8') }));
const comments = sources.flatMap(({ file, source }) => commentsOf(file, source));
const texts = sources
  .filter(({ file }) => file.startsWith('components/') && file.endsWith('.tsx'))
  .flatMap(({ file, source }) => textsOf(file, source));
const range = values.since ? [`${values.since}..HEAD`] : ['HEAD'];
const subjects = git('log', '--format=%h %s', ...range).map((line) => ({
  where: line.slice(0, line.indexOf(' ')),
  text: line.slice(line.indexOf(' ') + 1),
}));

const next = random(Number(values.seed));
for (const [title, samples, count] of [
  ['Comments', comments, values.comments],
  ['Commit subjects', subjects, values.subjects],
  ['Console texts', texts, values.texts],
] as const) {
  const picked = pick(samples, Number(count), next);
  console.log(`\n## ${title}: ${picked.length} of ${samples.length}, seed ${values.seed}\n`);
  for (const [index, { where, text }] of picked.entries()) console.log(`${index + 1}. ${text}  [${where}]`);
}
