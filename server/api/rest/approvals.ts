import { approvalDetailSchema, approvalListQuerySchema, approvalListSchema } from '@/server/contracts/approvals';
import { jsonAnswer } from './answer';
import { endpoint } from './endpoint';
import { noInput, queryString, readPage } from './input';
import { ProblemError } from './problem';

export const listApprovalsEndpoint = endpoint({
  method: 'GET',
  path: '/v1/approvals',
  operationId: 'listApprovals',
  summary: 'Orders that wait for a countersignature or were decided, newest first.',
  scope: 'approvals:read',
  input: queryString(approvalListQuerySchema),
  answers: [{ status: 200, description: 'A page of approvals', schema: approvalListSchema }],
  handle: async ({ input, services }) => {
    const page = await readPage(() => services.reads.approvals(input));
    return jsonAnswer({ approvals: page.items, next_cursor: page.nextCursor });
  },
});

export const getApprovalEndpoint = endpoint({
  method: 'GET',
  path: '/v1/approvals/{id}',
  operationId: 'getApproval',
  summary: 'One approval with the rules that sent it to review.',
  scope: 'approvals:read',
  input: noInput,
  answers: [{ status: 200, description: 'The approval', schema: approvalDetailSchema }],
  handle: async ({ id, services }) => {
    const approval = await services.reads.approval(id);
    if (approval === null) throw new ProblemError('NOT_FOUND', 'There is no approval with that id');
    return jsonAnswer(approval);
  },
});
