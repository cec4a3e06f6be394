import type { Right } from '../contract/route.ts';

export type Role = 'owner' | 'reviewer' | 'warehouse' | 'buyer' | 'finance' | 'service';

const READ: readonly Right[] = ['orders:read', 'stock:read', 'purchasing:read', 'customers:read', 'rules:read'];
const ALL: readonly Right[] = [
  ...READ, 'finance:read', 'settings:read', 'orders:write', 'parcels:write', 'stock:write', 'stock:approve', 'purchasing:write', 'finance:write',
  'customers:write', 'rules:write', 'settings:write', 'jobs:run', 'personal:read',
];

/** Personal data is open only to those who ship and who answer buyers. */
export const RIGHTS: Readonly<Record<Role, readonly Right[]>> = {
  owner: ALL,
  reviewer: [...READ, 'orders:write', 'parcels:write', 'rules:write', 'personal:read'],
  warehouse: ['orders:read', 'stock:read', 'rules:read', 'parcels:write', 'stock:write', 'personal:read'],
  buyer: [...READ, 'purchasing:write', 'stock:write'],
  finance: [...READ, 'finance:read', 'finance:write', 'stock:approve'],
  service: [...READ, 'orders:write', 'customers:write', 'personal:read'],
};

export type Session = { readonly userId: string; readonly name: string; readonly role: Role; readonly rights: ReadonlySet<Right> };
export const may = (session: Session, right: Right): boolean => session.rights.has(right);
