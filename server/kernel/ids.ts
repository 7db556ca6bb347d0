const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether a client order id may be one of ours. */
export const isUuid = (text: string): boolean => UUID.test(text);
