import { Link } from './link';

interface TrailProps {
  readonly href: string;
  /** Of the list that this is one of. */
  readonly title: string;
  readonly id: string;
}

/** The way back to the list, and which one of it this is. */
export function Trail({ href, title, id }: TrailProps) {
  return (
    <p className="text-12">
      <Link href={href} className="text-primary underline">
        {title}
      </Link>{' '}
      <span className="text-muted">/ {id}</span>
    </p>
  );
}
