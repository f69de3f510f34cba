using United.Testing.Sockets;
using United.Wire.Chat;
using United.Wire.Presence;
using United.Wire.Ws;

namespace United.Testing.Wires;

/// <summary>The protobuf socket, by its documented requests alone.</summary>
public sealed partial class ProtoDriver(ProtoClient client) : IConversationsDriver
{
    public ProtoClient Client => client;

    public Task<Outcome<Posted>> Post(Guid channel, string content, string? clientId = null, Guid? replyTo = null) => Ask(
        new Envelope { SendMessage = new SendMessage { ChannelId = Id(channel), Content = content, ClientId = clientId ?? "", ReplyToId = replyTo is { } reply ? Id(reply) : "" } },
        answer => new Posted(Guid.Parse(answer.SendMessageResult.MessageId), (long)answer.SendMessageResult.ServerSequence, (long)answer.SendMessageResult.Revision));

    public Task<Outcome<bool>> Edit(Guid channel, Guid message, string content) => Ask(
        new Envelope { EditMessage = new EditMessage { ChannelId = Id(channel), MessageId = Id(message), Content = content } }, IsOk);

    public Task<Outcome<bool>> Delete(Guid channel, Guid message) => Ask(
        new Envelope { DeleteMessage = new DeleteMessage { ChannelId = Id(channel), MessageId = Id(message) } }, IsOk);

    public Task<Outcome<string[]>> React(Guid message, string emoji, bool toggle = false) => Ask(
        new Envelope { AddReaction = new AddReaction { MessageId = Id(message), Emoji = emoji, Toggle = toggle } }, answer => Of(answer.Ok.Reactions));

    public Task<Outcome<string[]>> Unreact(Guid message, string emoji) => Ask(
        new Envelope { RemoveReaction = new RemoveReaction { MessageId = Id(message), Emoji = emoji } }, answer => Of(answer.Ok.Reactions));

    public Task<Outcome<long>> MarkRead(Guid conversation, long sequence) => Ask(
        new Envelope { MarkRead = new MarkRead { ConversationId = Id(conversation), Sequence = (ulong)sequence } }, answer => (long)answer.Ok.Sequence);

    public Task<Outcome<long>> MarkDelivered(Guid conversation, long sequence) => Ask(
        new Envelope { MarkDelivered = new MarkDelivered { ConversationId = Id(conversation), Sequence = (ulong)sequence } }, answer => (long)answer.Ok.Sequence);

    public Task<Outcome<SeenPage>> History(Guid channel, long? before = null, long? after = null, long? around = null, int? limit = null, bool includeDeleted = false)
    {
        var request = new FetchHistoryRequest { ChannelId = Id(channel), BeforeSequence = (ulong)(before ?? 0), Limit = (uint)(limit ?? 0), IncludeDeleted = includeDeleted };
        if (after is { } newer) request.AfterSequence = (ulong)newer;
        if (around is { } middle) request.AroundSequence = (ulong)middle;
        return Ask(new Envelope { FetchHistoryRequest = request },
            answer => new SeenPage([.. answer.FetchHistoryResponse.Messages.Select(Of)], answer.FetchHistoryResponse.HasMore));
    }

    public Task<Outcome<SeenSync>> Sync(IReadOnlyDictionary<Guid, long> known, bool partial = false, long? receiptsSince = null)
    {
        var request = new SyncRequest { Partial = partial };
        if (receiptsSince is { } since) request.ReceiptsSince = (ulong)since;
        foreach (var (conversation, revision) in known) request.Conversations[Id(conversation)] = (ulong)revision;
        return Ask(new Envelope { SyncRequest = request }, answer => new SeenSync(
            [.. answer.SyncResponse.Changed.Select(Of)], [.. answer.SyncResponse.Added.Select(added => Guid.Parse(added.Id))],
            [.. answer.SyncResponse.Removed.Select(Guid.Parse)], answer.SyncResponse.More)
        {
            Receipts = [.. answer.SyncResponse.Receipts.Select(Of)],
            ServerTime = (long)answer.SyncResponse.ServerTime,
        });
    }

    public Task<Outcome<bool>> SetPresence(string status) => Ask(
        new Envelope { SetPresence = new SetPresence { Status = Enum.Parse<PresenceStatus>(status, ignoreCase: true) } }, IsOk);

    public Task<Outcome<bool>> Type(Guid channel) => Ask(new Envelope { Typing = new Typing { ChannelId = Id(channel) } }, IsOk);

    public ValueTask DisposeAsync() => client.DisposeAsync();

    public static SeenMessage Of(ChatMessage message) => new(
        Guid.Parse(message.Id), Guid.Parse(message.ChannelId), Guid.Parse(message.SenderId), (long)message.ServerSequence, (long)message.Revision,
        message.Content, message.Edited, message.Deleted, message.ReplyToId.Length > 0 ? Guid.Parse(message.ReplyToId) : null,
        message.ClientId.Length > 0 ? message.ClientId : null)
    {
        Reactions = Of(message.Reactions),
        MentionedUsers = [.. message.MentionUserIds.Select(Guid.Parse)],
    };

    private static SeenChange Of(ConversationChanges changed) => new(
        Guid.Parse(changed.ConversationId), (long)changed.Revision, (long)changed.LastSequence, (int)changed.UnreadCount, (int)changed.MentionCount,
        (long)changed.LastRead, changed.Truncated, [.. changed.Messages.Select(Of)]);

    private static SeenReceipt Of(Receipt receipt) =>
        new(Guid.Parse(receipt.ConversationId), Guid.Parse(receipt.UserId), receipt.Kind, (long)receipt.Sequence);

    private static string[] Of(IEnumerable<Reaction> reactions) => [.. reactions.Select(reaction => $"{reaction.Emoji} {reaction.UserId}").Order(StringComparer.Ordinal)];

    private static string Id(Guid id) => id.ToString("D");

    private static bool IsOk(Envelope answer) => answer.PayloadCase == Envelope.PayloadOneofCase.Ok;

    private async Task<Outcome<T>> Ask<T>(Envelope request, Func<Envelope, T> read)
    {
        var answer = await client.Ask(request);
        return answer.PayloadCase == Envelope.PayloadOneofCase.Error
            ? new Outcome<T>(default, (int)answer.Error.Code, answer.Error.Fault, answer.Error.Field.Length > 0 ? answer.Error.Field : null)
            : new Outcome<T>(read(answer));
    }
}
