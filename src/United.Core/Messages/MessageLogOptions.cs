using United.Core.Moderation;

namespace United.Core.Messages;

/// <summary>How the message log queues and writes.</summary>
public sealed record MessageLogOptions
{
    /// <summary>
    /// Writers on PostgreSQL, each with a connection of its own; 1 to 8. A conversation always falls to the same one. More than
    /// two win nothing unless commits are slow. SQLite has one writer whatever stands here.
    /// </summary>
    public int Lanes { get; init; } = 2;

    /// <summary>Changes that may wait in one lane; 1 to 100,000. Whoever comes when it is full is refused with 503 at once.</summary>
    public int QueueLength { get; init; } = 4096;

    /// <summary>Bytes of content that may wait in one lane; from 1 MiB up.</summary>
    public long QueueBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>What flags a message at first; <see cref="MessageLog.Words"/> may be replaced later.</summary>
    public WordList Words { get; init; } = WordList.Default;
}
