import { ownFieldRoutes } from './own-fields.ts';
import { customerRoutes } from './customers.ts';
import { dropshipRoutes } from './dropships.ts';
import { financeRoutes } from './finance.ts';
import { functionRoutes } from './functions.ts';
import { importRoutes } from './imports.ts';
import { orderRoutes, parcelRoutes } from './orders.ts';
import { arrangeRoutes, courierRoutes, fulfilmentRoutes } from './parcels.ts';
import { printTemplateRoutes } from './print-templates.ts';
import { purchasingRoutes } from './purchasing.ts';
import type { RouteSpec } from './route.ts';
import { ruleListRoutes, ruleRoutes } from './rules.ts';
import { shopRoutes } from './shops.ts';
import { stockCountRoutes } from './stock-count.ts';
import { stockWorkRoutes } from './stock-work.ts';
import { stockRoutes } from './stock.ts';
import { systemRoutes } from './system.ts';
import { whyRoutes } from './why.ts';

/** Every route of the service, by name. OpenAPI, the server and the add-in's client are made from this one table. */
export const routes = {
  ...systemRoutes, ...shopRoutes,
  ...orderRoutes, ...parcelRoutes,
  ...stockRoutes, ...stockWorkRoutes, ...stockCountRoutes,
  ...customerRoutes,
  ...ruleRoutes,
  ...arrangeRoutes, ...fulfilmentRoutes, ...courierRoutes,
  ...purchasingRoutes, ...dropshipRoutes, ...printTemplateRoutes,
  ...financeRoutes,
  ...ownFieldRoutes, ...functionRoutes, ...whyRoutes,
  ...importRoutes,
};
export const allRoutes: readonly RouteSpec[] = [...(Object.values(routes) as readonly RouteSpec[]), ...ruleListRoutes];
