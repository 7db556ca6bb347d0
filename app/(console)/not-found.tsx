import { EmptyState } from '@/components/ui/states';

export default function NotFound() {
  return (
    <EmptyState title="Page not found">
      The link may be outdated or incomplete. Use the navigation or press ⌘K.
    </EmptyState>
  );
}
