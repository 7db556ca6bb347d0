import { router } from '@/server/api/trpc';
import { add } from './add';
import { importFile } from './import-file';
import { list } from './list';
import { remove } from './remove';
import { restore } from './restore';

export const eventsRouter = router({ list, add, remove, restore, importFile });
