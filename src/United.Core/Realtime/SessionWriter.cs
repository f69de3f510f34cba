namespace United.Core.Realtime;

/// <summary>The writing half of a connection: one write for everything that has gathered, and never one per event.</summary>
public static class SessionWriter
{
    /// <summary>
    /// Runs until the outbox is closed and, where the reason allows it, emptied. Saying good-bye (a close frame with the code) is left to
    /// the transport. What <paramref name="write"/> throws goes through.
    /// </summary>
    /// <param name="write">Writes all frames at once. They are its own until it returns.</param>
    public static async Task<CloseReason> Run(Outbox outbox, Func<ReadOnlyMemory<byte[]>, CancellationToken, ValueTask> write)
    {
        try
        {
            while (await outbox.Take() is { IsEmpty: false } frames) await write(frames, outbox.Cut);
        }
        catch (OperationCanceledException) when (outbox.Cut.IsCancellationRequested)
        {
            // Cut in the middle of a write.
        }
        return outbox.Closed!;
    }
}
