import type { RouteSpec } from './route.ts';
import { systemRoutes } from './system.ts';

/** Every route of the service, by name. OpenAPI, the server and the add-in's client are made from this one table. */
export const routes = {
  ...systemRoutes,
};
export const allRoutes: readonly RouteSpec[] = Object.values(routes) as readonly RouteSpec[];
