import { Dialog } from '../components/dialog.tsx';
import { Sidebar } from './sidebar.tsx';

interface Props {
  onClose: () => void;
  onNewChat: () => void;
}

/** The sidebar of a narrow screen: over the page, and gone once something was chosen. */
export default function SidebarSheet({ onClose, onNewChat }: Props) {
  return (
    <Dialog title="Sidebar" titleHidden place="side" onClose={onClose}>
      <div className="h-full min-h-0">
        <Sidebar
          onHide={onClose}
          onOpen={onClose}
          onNewChat={() => {
            onClose();
            onNewChat();
          }}
        />
      </div>
    </Dialog>
  );
}
