import { createScriptedEngine } from '../../server/inference/scripted-engine.ts';
import { describeEngineContract } from '../model/engine-contract.ts';
import { startPortal } from '../testkit/portal.ts';
import { startRemoteEngine } from '../testkit/remote-engine.ts';

/** Another portal is the server: its `/v1`, over real sockets. */
describeEngineContract(
  'the engine over a server',
  async () => {
    const contextLength = 512;
    const behind = await startPortal({
      env: { EMBEDDING_MODEL: 'test-model' },
      engine: createScriptedEngine({ contextLength }),
    });
    const { engine, find } = await startRemoteEngine({
      OPENAI_BASE_URL: `${behind.url}/v1`,
      OPENAI_CONTEXT: String(contextLength),
      // Of several that begin together the server decides which one is heard first.
      MODEL_SEQUENCES: '1',
    });
    const model = await find('test-model');
    return { engine, model, otherModel: model, sharedSystemPrompt: '' };
  },
  { holdsModels: false },
);
