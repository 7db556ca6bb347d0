import { cx } from '@/components/ui/cx';
import { ScrollBox } from '@/components/ui/scroll-box';
import { prepareSides, signedFigure } from './prepare-sides';

/** Figures stay on one line; an id or a sentence may not push the other side out of sight. */
const FIGURE = 'num right min-w-24 max-w-56 !whitespace-normal break-words';

interface SidesTableProps {
  readonly ours: Readonly<Record<string, unknown>>;
  readonly theirs: Readonly<Record<string, unknown>>;
}

/** Both sides' figures beside each other; what differs is marked by sign and weight, not by colour alone. */
export function SidesTable({ ours, theirs }: SidesTableProps) {
  const rows = prepareSides(ours, theirs);
  if (rows.length === 0) return <p className="text-muted">Neither side gave figures.</p>;
  const differences = rows.some((row) => row.difference !== null);
  return (
    <ScrollBox label="Both sides" className="rounded-sm border border-border">
      <table className="table" data-testid="sides">
        <thead>
          <tr>
            <th scope="col">
              <span className="sr-only">Figure</span>
            </th>
            <th scope="col" className="right">
              Ours
            </th>
            <th scope="col" className="right">
              Broker's
            </th>
            {differences && (
              <th scope="col" className="right">
                Difference
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.name}>
              <td className="text-muted">{row.name}</td>
              <td className={FIGURE}>{row.ours}</td>
              <td className={FIGURE}>{row.theirs}</td>
              {differences && (
                <td className={cx('num right', row.differs && 'font-semibold text-danger')}>
                  {signedFigure(row.difference)}
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}

/** The same in a narrow place: a line a figure. */
export function SidesLines({ ours, theirs }: SidesTableProps) {
  return (
    <ul className="num text-12 text-muted">
      {prepareSides(ours, theirs).map((row) => (
        <li key={row.name} className="break-words">
          {row.name}: ours {row.ours} · the broker's {row.theirs}
        </li>
      ))}
    </ul>
  );
}
