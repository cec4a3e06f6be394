import type { AnswerOf, BodyOf, ParamsOf, QueryOf, RouteSpec } from '../contract/route.ts';
import type { Problem } from '../contract/problems.ts';
import type { IncomingCall } from '../channels/channel.ts';
import type { Result } from '../contract/values/result.ts';
import type { Column } from '../contract/sheets/sheet.ts';
import type { Session } from '../access/roles.ts';

export type UploadedFile = { readonly name: string; readonly bytes: Uint8Array };
export type FileAnswer = { readonly bytes: Uint8Array; readonly filename: string; readonly type?: string; readonly status?: number };
export type Call<S> = {
  readonly params: ParamsOf<S>; readonly query: QueryOf<S>; readonly body: BodyOf<S>;
  readonly user: Session; readonly requestId: string; readonly lang: 'zh' | 'en'; readonly files: readonly UploadedFile[];
  /** The call as it came in; its body only where the route is `raw`. */
  readonly raw: IncomingCall;
};
export type Handler<S> = (call: Call<S>) => Promise<Result<AnswerOf<S> | FileAnswer, Problem>>;
/** `ownColumns`: columns of a list that its company made, as far as this person may see them. */
export type Bound = { readonly spec: RouteSpec; readonly handler: Handler<RouteSpec>; readonly ownColumns?: (user: Session) => Promise<readonly Column[]> };

/** Joins a route of the contract with what answers it. */
export const bind = <S extends RouteSpec<never, never, never, never> | RouteSpec>(spec: S, handler: Handler<S>): Bound =>
  ({ spec: spec as unknown as RouteSpec, handler: handler as unknown as Handler<RouteSpec> });
