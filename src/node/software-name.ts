/** What this code calls itself to others. */
export const softwareVersion = '0.1.0';

export const softwareName = `fogata ${softwareVersion}`;
