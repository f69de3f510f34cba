import type { User } from "../wire/shapes";

/** What the server will refuse need not be offered. Owner and admin hold every permission. */
export const may = (user: User, permission: "manage_channels" | "manage_messages" | "manage_members" | "manage_server"): boolean =>
  user.role === "owner" || user.role === "admin" || user.permissions.includes(permission);
