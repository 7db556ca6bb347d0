import { EmptyState } from '@/components/ui/states';

export default function NotFound() {
  return (
    <EmptyState title="There is no such page here">
      The link may be old, or its id incomplete. Use the navigation or press ⌘K.
    </EmptyState>
  );
}
