/** Errors as Office.js gives them: a code to treat, and a message to read. */
export class OfficeError extends Error {
  readonly code: string;
  debugInfo: { readonly code: string; readonly message: string; readonly errorLocation: string; readonly statement?: string };
  readonly traceMessages: readonly string[] = [];
  constructor(code: string, message: string, errorLocation = '') {
    super(message);
    this.name = 'RichApi.Error';
    this.code = code;
    this.debugInfo = { code, message, errorLocation };
  }
}
export const notFound = (what: string): OfficeError => new OfficeError('ItemNotFound', 'The requested resource doesn’t exist.', what);
export const exists = (what: string): OfficeError => new OfficeError('ItemAlreadyExists', 'The resource being created already exists.', what);
export const invalid = (what: string): OfficeError => new OfficeError('InvalidArgument', 'The argument is invalid or missing or has an incorrect format.', what);
export const denied = (what: string): OfficeError => new OfficeError('AccessDenied', 'You cannot perform the requested operation.', what);
export const notLoaded = (name: string): OfficeError => new OfficeError('PropertyNotLoaded', `The property '${name}' is not available. Before reading the property's value, call the load method on the containing object and call "context.sync()" on the associated request context.`, name);
/** What Excel has and this host has not: said aloud, with its name. */
export const notImplemented = (name: string): OfficeError => new OfficeError('NotImplemented', `${name} is not part of the workbench; docs/workbench-members.md lists what is.`, name);
