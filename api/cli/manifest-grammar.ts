/**
 * The grammar of an add-in manifest, for the elements that ours uses: [MS-OWEMXML] and the element pages on
 * learn.microsoft.com, read 2026-11. Children stand in this order. `?` at most once, `*` any number, `+` at least once.
 */
export type Element = { readonly attributes?: readonly string[]; readonly children?: string; readonly text?: RegExp };
const LOCALIZED: Element = { attributes: ['DefaultValue'], children: 'Override*' };
const RESID: Element = { attributes: ['resid'] };
const HTTPS = /^https:\/\/[^\s<>"]+$/;

/** By path where a name means two things (`OfficeApp/Hosts/Host`), else by name alone. */
export const GRAMMAR: Readonly<Record<string, Element>> = {
  OfficeApp: { attributes: ['xmlns', 'xmlns:xsi', 'xmlns:bt', 'xsi:type'], children: 'Id Version ProviderName DefaultLocale DisplayName Description IconUrl HighResolutionIconUrl? SupportUrl? AppDomains? Hosts Requirements? DefaultSettings Permissions VersionOverrides? ExtendedOverrides?' },
  // Key combinations, in a file of their own (learn.microsoft.com, keyboard-shortcuts, 2025-09).
  ExtendedOverrides: { attributes: ['Url'] },
  Id: { text: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/ },
  Version: { text: /^\d{1,5}(\.\d{1,5}){1,3}$/ },
  ProviderName: { text: /^.{1,125}$/ },
  DefaultLocale: { text: /^[a-z]{2}-[A-Z]{2}$/ },
  DisplayName: LOCALIZED, Description: LOCALIZED, IconUrl: LOCALIZED, HighResolutionIconUrl: LOCALIZED, SupportUrl: LOCALIZED,
  Override: { attributes: ['Locale', 'Value'] },
  AppDomains: { children: 'AppDomain+' },
  AppDomain: { text: HTTPS },
  Hosts: { children: 'Host+' },
  'OfficeApp/Hosts/Host': { attributes: ['Name'] },
  Requirements: { children: 'Sets' },
  Sets: { attributes: ['DefaultMinVersion'], children: 'Set+' },
  Set: { attributes: ['Name', 'MinVersion'] },
  DefaultSettings: { children: 'SourceLocation' },
  'OfficeApp/DefaultSettings/SourceLocation': { attributes: ['DefaultValue'] },
  Permissions: { text: /^(Restricted|ReadDocument|ReadAllDocument|WriteDocument|ReadWriteDocument)$/ },
  VersionOverrides: { attributes: ['xmlns', 'xsi:type'], children: 'Hosts Resources' },
  'VersionOverrides/Hosts/Host': { attributes: ['xsi:type'], children: 'Runtimes? AllFormFactors? DesktopFormFactor' },
  Runtimes: { children: 'Runtime' },
  Runtime: { attributes: ['resid', 'lifetime'] },
  AllFormFactors: { children: 'ExtensionPoint+' },
  'AllFormFactors/ExtensionPoint': { attributes: ['xsi:type'], children: 'Script Page Metadata Namespace' },
  Script: { children: 'SourceLocation' }, Page: { children: 'SourceLocation' }, Metadata: { children: 'SourceLocation' },
  'Script/SourceLocation': RESID, 'Page/SourceLocation': RESID, 'Metadata/SourceLocation': RESID,
  Namespace: RESID,
  DesktopFormFactor: { children: 'GetStarted? FunctionFile ExtensionPoint+' },
  GetStarted: { children: 'Title Description LearnMoreUrl' },
  'GetStarted/Title': RESID, 'GetStarted/Description': RESID, LearnMoreUrl: RESID, FunctionFile: RESID,
  'DesktopFormFactor/ExtensionPoint': { attributes: ['xsi:type'], children: 'CustomTab' },
  CustomTab: { attributes: ['id'], children: 'Group+ Label' },
  Group: { attributes: ['id'], children: 'Label Icon Control+' },
  Label: RESID,
  Icon: { children: 'bt:Image+' },
  'Icon/bt:Image': { attributes: ['size', 'resid'] },
  Control: { attributes: ['xsi:type', 'id'], children: 'Label Supertip Icon Action' },
  Supertip: { children: 'Title Description' },
  'Supertip/Title': RESID, 'Supertip/Description': RESID,
  Action: { attributes: ['xsi:type'], children: 'FunctionName' },
  FunctionName: { text: /^[A-Za-z_]\w{0,124}$/ },
  Resources: { children: 'bt:Images bt:Urls bt:ShortStrings bt:LongStrings' },
  'bt:Images': { children: 'bt:Image+' }, 'bt:Urls': { children: 'bt:Url+' }, 'bt:ShortStrings': { children: 'bt:String+' }, 'bt:LongStrings': { children: 'bt:String+' },
  'bt:Images/bt:Image': { attributes: ['id', 'DefaultValue'] },
  'bt:Url': { attributes: ['id', 'DefaultValue'] },
  'bt:String': { attributes: ['id', 'DefaultValue'], children: 'bt:Override*' },
  'bt:Override': { attributes: ['Locale', 'Value'] },
};
