import { z } from 'zod';

/** An id in an answer. */
export const id = () => z.string().meta({ format: 'uuid' });

/** A time in an answer: ISO 8601, in UTC. */
export const time = () => z.string().meta({ format: 'date-time' });

/** How many, in an answer. */
export const count = () => z.int().min(0);
