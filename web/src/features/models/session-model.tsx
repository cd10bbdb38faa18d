import { useMutation } from 'urql';
import { showNotice } from '../../components/notices.tsx';
import { problemOf } from '../../lib/errors.ts';
import { SetModel } from './documents.ts';
import { ModelPicker } from './model-picker.tsx';

interface Props {
  sessionId: string;
  modelName: string | null;
  onManage: () => void;
}

/** The model of a conversation; another one answers from the next message on. */
export function SessionModel({ sessionId, modelName, onManage }: Props) {
  const [, setModel] = useMutation(SetModel);
  const choose = async (model: string | null) => {
    const { error } = await setModel({ id: sessionId, model });
    if (error) showNotice(problemOf(error).message);
  };
  return <ModelPicker chosen={modelName} onChoose={choose} onManage={onManage} />;
}
