/** Errors as Office.js gives them: a code to treat, and a message to read. */
export class OfficeError extends Error {
  readonly code: string;
  readonly debugInfo: { readonly errorLocation: string };
  constructor(code: string, message: string, errorLocation = '') {
    super(message);
    this.name = 'RichApi.Error';
    this.code = code;
    this.debugInfo = { errorLocation };
  }
}
export const notFound = (what: string): OfficeError => new OfficeError('ItemNotFound', 'The requested resource doesn’t exist.', what);
export const invalid = (what: string): OfficeError => new OfficeError('InvalidArgument', 'The argument is invalid or missing or has an incorrect format.', what);
export const notLoaded = (name: string): OfficeError => new OfficeError('PropertyNotLoaded', `The property '${name}' is not available. Before reading the property's value, call the load method on the containing object and call "context.sync()" on the associated request context.`, name);
