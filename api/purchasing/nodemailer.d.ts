/** What we use of nodemailer (10.6, MIT-0): one mail with one file. It is loaded only where a mail server is set. */
declare module 'nodemailer' {
  type Mail = { readonly from: string; readonly to: string; readonly subject: string; readonly text: string; readonly attachments: readonly { readonly filename: string; readonly content: Buffer }[] };
  export function createTransport(url: string): { sendMail(mail: Mail): Promise<unknown> };
}
