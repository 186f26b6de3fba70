/** The search for a leaked key opens the dialog with the reason already chosen. */
export interface RevokeSearch {
  readonly reason?: 'leaked';
}

export const revokeSearch = ({ reason }: Record<string, unknown>): RevokeSearch =>
  reason === 'leaked' ? { reason } : {};

export interface RotateSearch {
  /** `0`: the old secret ends at once. */
  readonly overlap?: '0';
}

export const rotateSearch = ({ overlap }: Record<string, unknown>): RotateSearch =>
  overlap === '0' ? { overlap } : {};
