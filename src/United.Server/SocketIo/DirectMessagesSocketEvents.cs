using System.Text.Json.Serialization;
using United.Core;
using United.Core.DirectMessages;
using United.Core.Messages;
using United.Server.Rest;

namespace United.Server.SocketIo;

/// <summary>
/// dm:send and dm:history. What is sealed travels as binary parts, three of each message, and clients take ten in a packet: that bounds a
/// page of history.
/// </summary>
internal sealed class DirectMessagesSocketEvents(DmMessages messages)
{
    private const int MostAtOnce = 3;

    public async Task<Result<Reply>> Send(Caller caller, SealedBody body)
    {
        var request = new SendDm(
            body.ConversationId, body.EncryptedPayload.ToArray(), body.Nonce.ToArray(), body.EphemeralPubkey.ToArray(), body.Timestamp, body.ClientId);
        return Reply.Of(await messages.Send(caller, request), sent => SealedJson.Of(sent.Message));
    }

    public async Task<Result<Reply>> Page(Caller caller, DmHistoryBody body)
    {
        var page = new ReadHistory(body.ConversationId, body.Before, body.After, Limit: Math.Min(body.Limit ?? MostAtOnce, MostAtOnce));
        return Reply.Of(await messages.Page(caller, page), found => new SealedPageJson([.. found.Messages.Select(SealedJson.Of)], found.HasMore));
    }
}

/// <summary>What <c>dm:send</c> carries; the bytes as binary parts.</summary>
internal sealed record SealedBody
{
    public required Guid ConversationId { get; init; }
    public required ReadOnlyMemory<byte> EncryptedPayload { get; init; }
    public required ReadOnlyMemory<byte> Nonce { get; init; }
    public required ReadOnlyMemory<byte> EphemeralPubkey { get; init; }

    /// <summary>The sender's clock, Unix milliseconds.</summary>
    public required long Timestamp { get; init; }

    /// <summary>1 to 64 printable ASCII characters. Sent again, it answers with the first result.</summary>
    public string? ClientId { get; init; }
}

/// <summary>A page, newest first; before and after are a serverSequence, one of them at most. More than three are never answered at once.</summary>
internal sealed record DmHistoryBody
{
    public required Guid ConversationId { get; init; }
    public long? Before { get; init; }
    public long? After { get; init; }
    [JsonConverter(typeof(LimitConverter))]
    public int? Limit { get; init; }
}

/// <summary><see cref="EncryptedDmMessageJson"/> with its bytes as binary parts.</summary>
internal sealed record SealedJson(
    Guid Id, Guid ConversationId, Guid SenderId, string SenderPubkey, string SenderDisplayName, ReadOnlyMemory<byte> EncryptedPayload, ReadOnlyMemory<byte> Nonce,
    ReadOnlyMemory<byte> EphemeralPubkey, long Timestamp, long ServerSequence, long Revision, string? ClientId, bool Deleted)
{
    public static SealedJson Of(Message message) => Of(EncryptedDmMessageJson.Of(message));

    private static SealedJson Of(EncryptedDmMessageJson message) => new(
        message.Id, message.ConversationId, message.SenderId, message.SenderPubkey, message.SenderDisplayName, message.EncryptedPayload, message.Nonce,
        message.EphemeralPubkey, message.Timestamp, message.ServerSequence, message.Revision, message.ClientId, message.Deleted);
}

internal sealed record SealedPageJson(IReadOnlyList<SealedJson> Messages, bool HasMore);

internal sealed record DmKeyRotatedJson(string UserPubkey, ReadOnlyMemory<byte> NewX25519Pubkey, long Timestamp);
