import type { Engine } from '../inference/engine.ts';
import type { Logger } from '../logger.ts';
import type { Database } from '../stores/database.ts';
import type { WakeUp } from '../stores/wake-up.ts';

interface Parts {
  db: Database;
  wakeUp: WakeUp;
  logger: Logger;
}

const topic = 'conversations:forgotten';
/** A wake-up may be lost. */
const lookAgainMs = 60_000;
/** What is committed late may bear a time that was read past. */
const overlapMs = 10_000;
/** A process that was down for longer finds the state of a deleted conversation only when its folder is full. */
const rememberedForDays = 90;

export type ForgottenConversations = ReturnType<typeof createForgottenConversations>;

/** Lets every model drop what it keeps of conversations that are deleted, in whichever process it is. */
export function createForgottenConversations({ db, wakeUp, logger }: Parts) {
  return {
    /** Deletes a session of that user, and notes that it is to be forgotten, in one statement. No process is waited for. */
    async deleteSession(userId: string, sessionId: string): Promise<void> {
      await db.$executeRaw`
        with gone as (
          delete from sessions where id = ${sessionId}::uuid and user_id = ${userId}::uuid returning id
        )
        insert into forgotten_conversations (conversation) select id::text from gone on conflict do nothing`;
      wakeUp.notify(topic);
    },

    /** Tells this engine, from what happened before it was here on, until the signal aborts. Never rejects. */
    async tell(engine: Pick<Engine, 'forget'>, signal: AbortSignal): Promise<void> {
      const listener = wakeUp.listen(topic);
      let since = new Date(0);
      try {
        while (!signal.aborted) {
          try {
            if (since.getTime() === 0) await removeOld(db);
            const rows = await db.forgottenConversation.findMany({ where: { forgottenAt: { gt: since } } });
            for (const { conversation } of rows) await engine.forget(conversation);
            const newest = rows.reduce((latest, { forgottenAt }) => Math.max(latest, forgottenAt.getTime()), 0);
            since = new Date(Math.max(since.getTime(), newest - overlapMs, 1));
          } catch (error) {
            logger.debug({ err: error }, 'the deleted conversations cannot be read; trying again');
          }
          await listener.next({ timeoutMs: lookAgainMs, signal });
        }
      } finally {
        listener.close();
      }
    },
  };
}

async function removeOld(db: Database): Promise<void> {
  await db.$executeRaw`
    delete from forgotten_conversations where forgotten_at < now() - ${rememberedForDays} * interval '1 day'`;
}
