'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { messageOf, useTRPC } from '@/components/trpc/client';
import { Button } from '@/components/ui/button';
import { Moment } from '@/components/ui/moment';

/** Where the person is signed in, and the way to end every session but this one. */
export function OwnSessions() {
  const trpc = useTRPC();
  const client = useQueryClient();
  const query = useQuery(trpc.account.sessions.queryOptions());
  const end = useMutation(
    trpc.account.endOtherSessions.mutationOptions({
      onSettled: () => client.invalidateQueries({ queryKey: trpc.account.sessions.queryKey() }),
    }),
  );
  const sessions = query.data ?? [];
  const others = sessions.filter(({ current }) => !current);
  const problem = query.isError ? query.error : end.isError ? end.error : null;
  return (
    <section aria-label="Your sessions" className="text-12">
      <h3 className="text-muted">Signed in</h3>
      <ul className="my-1 max-h-40 overflow-y-auto">
        {sessions.map((session) => (
          <li key={session.id} className="flex justify-between gap-2">
            <span className="min-w-0 truncate" title={session.agent}>
              {session.current ? 'This browser' : session.address === '' ? 'Another browser' : session.address}
            </span>
            <span className="num shrink-0 text-muted">
              since <Moment iso={session.createdAt} />
            </span>
          </li>
        ))}
      </ul>
      {problem !== null && (
        <p role="alert" className="text-danger">
          {messageOf(problem)}
        </p>
      )}
      <Button
        size="small"
        disabled={others.length === 0 || end.isPending}
        onClick={() => end.mutate()}
        data-testid="end-other-sessions"
      >
        {end.isPending ? 'Ending…' : others.length === 0 ? 'No other session' : `End ${others.length} other`}
      </Button>
    </section>
  );
}
