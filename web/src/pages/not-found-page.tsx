import { Link } from '@tanstack/react-router';
import { Compass } from 'lucide-react';
import { StatePage } from '../components/state-page.tsx';
import { PageHeader } from './page-header.tsx';

export function NotFoundPage() {
  return (
    <>
      <PageHeader title={null} />
      <StatePage
        icon={Compass}
        title="There is nothing at this address"
        action={
          <Link to="/" className="text-accent underline underline-offset-3">
            Start a new chat
          </Link>
        }
      />
    </>
  );
}
