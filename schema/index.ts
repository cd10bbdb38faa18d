import { builder } from './builder.ts';
import './types/cache.ts';
import './types/change.ts';
import './types/dependency.ts';
import './types/download.ts';
import './types/message.ts';
import './types/model.ts';
import './types/prompt-template.ts';
import './types/reply.ts';
import './types/search.ts';
import './types/session.ts';
import './types/telemetry.ts';
import './types/usage.ts';
import './types/user.ts';

export const schema = builder.toSchema();
