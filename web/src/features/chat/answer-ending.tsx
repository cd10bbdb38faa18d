import { CircleAlert, CircleStop, Scissors } from 'lucide-react';
import type { ReactNode } from 'react';
import { useMutation } from 'urql';
import { Button } from '../../components/button.tsx';
import { showNotice } from '../../components/notices.tsx';
import type { MessagePartsFragment } from '../../gql/graphql.ts';
import { problemOf } from '../../lib/errors.ts';
import { ResumeReply } from './mutations.ts';

/** Says why an answer ended where it was not done, and lets it go on where that is possible. */
export function AnswerEnding({ message }: { message: MessagePartsFragment }) {
  const { id, status, errorMessage, receipt, content } = message;
  if (status === 'FAILED') {
    return (
      <div className="mt-2 flex flex-wrap items-center justify-between gap-2.5 rounded-xl bg-danger-soft px-4 py-2.5 text-danger text-sm">
        <div className="flex min-w-0 flex-1 basis-56 items-start gap-2.5">
          <CircleAlert size={17} aria-hidden className="mt-0.5 shrink-0" />
          <p>
            {errorMessage ?? 'The answer broke off.'}
            {content !== '' && ' What was written until then is kept.'}
          </p>
        </div>
        <ResumeButton id={id} />
      </div>
    );
  }
  if (status === 'STOPPED') {
    return (
      <Note icon={<CircleStop size={15} aria-hidden />} action={<ResumeButton id={id} />}>
        {content === '' ? 'Stopped before the first word' : 'Stopped'}
      </Note>
    );
  }
  if (receipt?.finishReason === 'LENGTH') {
    return <Note icon={<Scissors size={15} aria-hidden />}>Ends here: the answer reached its length limit</Note>;
  }
  return null;
}

function ResumeButton({ id }: { id: string }) {
  const [{ fetching }, resume] = useMutation(ResumeReply);
  const onClick = async () => {
    const { error } = await resume({ id });
    if (error) showNotice(problemOf(error).message);
  };
  return (
    <Button disabled={fetching} onClick={onClick} className="h-8 px-3">
      Resume
    </Button>
  );
}

function Note({ icon, action, children }: { icon: ReactNode; action?: ReactNode; children: string }) {
  return (
    <div className="mt-2 flex items-center gap-2 text-ink-soft text-sm">
      {icon}
      <p>{children}</p>
      {action}
    </div>
  );
}
