namespace United.Testing.Wires;

/// <summary>Every way to talk to the server that offers the operations of chat.</summary>
public enum WireKind
{
    Rest,
    Proto,
    SocketIo,
}

/// <summary>One person on one wire. Scenario tests are written against this, and run once per wire.</summary>
public interface IWireDriver : IAsyncDisposable
{
    Task<Outcome<Posted>> Post(Guid channel, string content, string? clientId = null, Guid? replyTo = null);

    Task<Outcome<bool>> Edit(Guid channel, Guid message, string content);

    Task<Outcome<bool>> Delete(Guid channel, Guid message);

    /// <returns>All that stand afterwards, as "emoji user".</returns>
    Task<Outcome<string[]>> React(Guid message, string emoji, bool toggle = false);

    Task<Outcome<string[]>> Unreact(Guid message, string emoji);

    /// <returns>Where it stands now.</returns>
    Task<Outcome<long>> MarkRead(Guid conversation, long sequence);

    Task<Outcome<long>> MarkDelivered(Guid conversation, long sequence);

    Task<Outcome<SeenPage>> History(Guid channel, long? before = null, long? after = null, long? around = null, int? limit = null, bool includeDeleted = false);

    /// <param name="receiptsSince">Server time, Unix milliseconds; null: no receipts are asked for.</param>
    Task<Outcome<SeenSync>> Sync(IReadOnlyDictionary<Guid, long> known, bool partial = false, long? receiptsSince = null);

    Task<Outcome<bool>> SetPresence(string status);

    Task<Outcome<bool>> Type(Guid channel);
}

/// <summary>What came back: a value, or the stable code of a refusal and its field.</summary>
public sealed record Outcome<T>(T? Value, int Status = 200, string? Code = null, string? Field = null)
{
    /// <exception cref="InvalidOperationException">It was refused.</exception>
    public T Must() => Code is null ? Value! : throw new InvalidOperationException($"Refused: {Status} {Code} {Field}");
}

public sealed record Posted(Guid Id, long Sequence, long Revision);

public sealed record SeenPage(SeenMessage[] Messages, bool HasMore);

/// <summary>A message as somebody sees it, the same whatever the wire.</summary>
public sealed record SeenMessage(
    Guid Id, Guid Channel, Guid Sender, long Sequence, long Revision, string Content, bool Edited, bool Deleted, Guid? ReplyTo, string? ClientId)
{
    public string[] Reactions { get; init; } = [];

    public Guid[] MentionedUsers { get; init; } = [];
}

public sealed record SeenSync(SeenChange[] Changed, Guid[] Added, Guid[] Removed, bool More)
{
    public SeenReceipt[] Receipts { get; init; } = [];

    public long ServerTime { get; init; }
}

/// <param name="Kind">"read" or "delivered".</param>
public sealed record SeenReceipt(Guid Conversation, Guid User, string Kind, long Sequence);

public sealed record SeenChange(Guid Conversation, long Revision, long LastSequence, int Unread, int Mentions, long LastRead, bool Truncated, SeenMessage[] Messages);
