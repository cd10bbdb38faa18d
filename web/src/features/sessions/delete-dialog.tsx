import { useNavigate, useParams } from '@tanstack/react-router';
import { useMutation } from 'urql';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { showNotice } from '../../components/notices.tsx';
import { problemOf } from '../../lib/errors.ts';
import { DeleteSession } from './documents.ts';

interface Props {
  session: { id: string; title: string };
  onClose: () => void;
}

/** Asks before a conversation is gone. */
export default function DeleteDialog({ session, onClose }: Props) {
  const [{ fetching }, deleteSession] = useMutation(DeleteSession);
  const navigate = useNavigate();
  const { id: openId } = useParams({ strict: false });

  async function confirm() {
    // Left first: its page would only say that it is gone.
    if (openId === session.id) await navigate({ to: '/' });
    const { error } = await deleteSession({ id: session.id });
    if (error) showNotice(problemOf(error).message);
    onClose();
  }

  return (
    <Dialog
      title="Delete this conversation?"
      description={`“${session.title}” and all its messages are removed for good.`}
      onClose={onClose}
    >
      <div className="mt-5 flex justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button look="danger" disabled={fetching} onClick={confirm}>
          Delete
        </Button>
      </div>
    </Dialog>
  );
}
