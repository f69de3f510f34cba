using United.Core.Identity;
using United.Core.Messages;
using United.Core.Storage;

namespace United.Core.DirectMessages;

/// <summary>
/// An encrypted message on its way into the log. Judged as other messages between two people are, and besides: both still have the keys
/// that the conversation is of. Stored, it waits for the other (<see cref="OfflineQueue"/>). On SQLite it is applied one by one as it stands
/// here; on PostgreSQL <see cref="DmBatch"/> does the same for many in one statement, and leaves to this all that is not simply written.
/// </summary>
internal sealed class PostDm(Caller caller, SendDm request, TimeProvider time) : Change<SentDm>(request.ConversationId)
{
    private const string Judge = """
        select m.state, coalesce(m.last_read_sequence, 0), d.id, p.low_user_id, p.high_user_id, p.low, p.high,
            l.id is not null and h.id is not null, k.id
        from (select 1 as one) one
        left join conversation_members m on m.conversation_id = @conversation and m.user_id = @sender
        left join messages d on d.send_key = @send_key
        left join messages k on k.client_key = @client_key
        left join direct_pairs p on p.conversation_id = @conversation and p.kind = 4
        left join users l on l.id = p.low_user_id and l.public_key = p.low
        left join users h on h.id = p.high_user_id and h.public_key = p.high
        """;

    private static readonly Refusal Closed =
        new(Fault.Conflict, "conversation_id", "One of you has another identity key now. Open a conversation of the present keys.");

    private static readonly Refusal NonceUsed = new(Fault.Conflict, "nonce", "It was used for another payload.");
    private static readonly Refusal QueueFull = new(Fault.TooMany, Reason: "Too much waits for the recipient to come back.");

    private static readonly BatchSort Dms = new(connection => new DmBatch(connection));

    public Guid Id { get; } = Ids.NewMessage(time, request.ConversationId);

    public Guid SenderId => caller.UserId;

    public SendDm Request => request;

    public long Now { get; } = time.GetUtcNow().ToUnixTimeMilliseconds();

    public Guid SendKey { get; } = PostDraft.SendKeyOf(request.ConversationId, caller.UserId, request.Nonce);

    public Guid? ClientKey { get; } = request.ClientId is { } clientId ? PostDraft.SendKeyOf(request.ConversationId, caller.UserId, clientId) : null;

    public override int Size { get; } = 400 + request.Payload.Length;

    internal override BatchSort? Sort => Dms;

    /// <param name="at">Unix milliseconds; never before the message ahead of it: the offline queue is in this order, whatever the clock does.</param>
    public Message Stored(DmPair pair, long sequence, long revision, long at) => new()
    {
        Id = Id,
        ConversationId = ConversationId,
        Sequence = sequence,
        Revision = revision,
        SenderId = caller.UserId,
        SenderDisplayName = caller.DisplayName,
        SenderPublicKey = PublicKeys.Hex(pair.KeyOf(caller.UserId)),
        Type = MessageType.Encrypted,
        Content = "",
        Timestamp = at,
        ClientId = request.ClientId,
        Sealed = new SealedBody(pair.Other(caller.UserId), request.Payload, request.Nonce, request.EphemeralKey, request.SentAt),
    };

    public override async Task<Result<SentDm>> Apply(Sql sql, ConversationHead head)
    {
        var seen = (await sql.One(Judge, row => Map(row), ("conversation", ConversationId), ("sender", caller.UserId),
            ("send_key", SendKey), ("client_key", ClientKey)))!;
        if (seen.OfNonce is { } first) return await Again(sql, first);
        if (seen.OfClientId is { } named) return new SentDm(await Stored(sql, named), Duplicate: true);
        if (!seen.IsMember || seen.Pair is not { } pair) return Fault.NotFound;
        if (!seen.Open) return Closed;
        var other = await Counterpart.Of(sql, head, caller.UserId);
        if (other.Verdict is var verdict && verdict != PostVerdict.Ok) return verdict.Refusal();
        if (await OfflineQueue.IsFull(sql, other.OtherId, head.LastSequence + 1, request.Payload.Length)) return QueueFull;
        var message = await Write(sql, head, pair);
        head.Tell(new MessagePosted(message, head.Open));
        await other.Wrote(sql, head, message.Timestamp);
        if (seen.LastRead < message.Sequence - 1) await TakenMarks.PassOver(sql, SenderId, ConversationId, message.Sequence - 1);
        await WatermarkStore.Sent(sql, head, message, seen.LastRead);
        return new SentDm(message, Duplicate: false);
    }

    private async Task<Message> Write(Sql sql, ConversationHead head, DmPair pair)
    {
        var at = Math.Max(Now, head.Conversation.LastMessageAt ?? 0);
        var message = Stored(pair, head.NextSequence(Id, at), head.NextRevision(), at);
        await SealedRows.Insert(sql, message, message.Sealed!, SendKey, ClientKey);
        return message;
    }

    // One that is deleted has no payload left to compare with.
    private async Task<Result<SentDm>> Again(Sql sql, Guid first)
    {
        var message = await Stored(sql, first);
        var (payload, ephemeral) = (message.Sealed!.Payload, message.Sealed.EphemeralKey);
        var same = message.Deleted || (payload.AsSpan().SequenceEqual(request.Payload) && ephemeral.AsSpan().SequenceEqual(request.EphemeralKey));
        return same ? new SentDm(message, Duplicate: true) : NonceUsed;
    }

    private async Task<Message> Stored(Sql sql, Guid id) => (await MessageRows.ByIds(sql, [id], caller.UserId))[0];

    private static Seen Map(SqlRow row) => new(
        !row.IsNull(0) && row.Int32(0) == (int)MemberState.Member,
        row.Int64(1),
        row.UuidOrNull(2),
        row.IsNull(3) ? null : new DmPair(row.Uuid(3), row.Bytes(5), row.Uuid(4), row.Bytes(6)),
        row.Bool(7),
        row.UuidOrNull(8));

    /// <param name="OfNonce">What this repeats, by its nonce.</param>
    /// <param name="Open">Both still have the keys of the pair.</param>
    /// <param name="OfClientId">What this repeats, by its client_id.</param>
    private sealed record Seen(bool IsMember, long LastRead, Guid? OfNonce, DmPair? Pair, bool Open, Guid? OfClientId);
}
