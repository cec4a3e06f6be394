import { customerRoutes } from '../contract/customers.ts';
import { bind, type Bound } from '../http/bind.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { feed } from '../store/feed.ts';
import { customerRow } from './index.ts';
import { Customers, type CustomerDoc } from './store/models.ts';

/** The timeline looks at orders and refunds, so it is bound with the orders. */
export const customersBound = (rt: Runtime): Bound[] => [
  bind(customerRoutes.listCustomers, ({ query }) => feed(Customers, { ...query, now: rt.clock.now() }, (d: CustomerDoc[]) => d.map(customerRow))),
];
