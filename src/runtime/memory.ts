/** The memory of this process. */
export interface Memory {
  /**
   * To be called now and then, some seconds apart at most. What a burst of work has left behind goes back to the system once
   * the process has been idle for a while.
   */
  review(): void;
}
