using System.Text.Json.Serialization;
using United.Core.DirectMessages;
using United.Core.Messages;

namespace United.Server.Rest;

internal sealed record DmKeyBody
{
    /// <summary>Lower-case hex.</summary>
    public required string X25519Pubkey { get; init; }

    /// <summary>8 bytes, base64.</summary>
    public byte[]? KeyId { get; init; }

    public long? CreatedAt { get; init; }
    public long? ExpiresAt { get; init; }

    /// <summary>64 bytes, base64: by the identity key. Clients check it.</summary>
    public byte[]? Signature { get; init; }
}

internal sealed record DmKeyJson
{
    public required string Ed25519Pubkey { get; init; }
    public required string X25519Pubkey { get; init; }
    public required long PublishedAt { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public byte[]? KeyId { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? CreatedAt { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? ExpiresAt { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public byte[]? Signature { get; init; }

    public static DmKeyJson Of(DmKey key) => new()
    {
        Ed25519Pubkey = key.Owner,
        X25519Pubkey = Convert.ToHexStringLower(key.PublicKey),
        PublishedAt = key.PublishedAt,
        KeyId = key.KeyId,
        CreatedAt = key.CreatedAt,
        ExpiresAt = key.ExpiresAt,
        Signature = key.Signature,
    };
}

internal sealed record NewDmBody
{
    /// <summary>The identity key of the other, lower-case hex.</summary>
    public required string RecipientPubkey { get; init; }
}

internal sealed record DmConversationJson
{
    public required Guid Id { get; init; }

    /// <summary>The smaller of the two identity keys.</summary>
    public required string ParticipantAPubkey { get; init; }

    public required string ParticipantBPubkey { get; init; }
    public required string ParticipantADisplayName { get; init; }
    public required string ParticipantBDisplayName { get; init; }
    public required long CreatedAt { get; init; }
    public required long? LastMessageAt { get; init; }

    /// <summary>Always empty: nobody here can read it.</summary>
    public string LastMessagePreview { get; } = "";

    public required long LastSequence { get; init; }
    public required int UnreadCount { get; init; }

    /// <summary>Of the messages that you have not read, those that waited for you longer than 30 days: they wait no more, but stand in the history.</summary>
    public required long ExpiredCount { get; init; }

    public static DmConversationJson Of(DmConversation conversation) => new()
    {
        Id = conversation.Id,
        ParticipantAPubkey = conversation.A.PublicKey,
        ParticipantBPubkey = conversation.B.PublicKey,
        ParticipantADisplayName = conversation.A.DisplayName,
        ParticipantBDisplayName = conversation.B.DisplayName,
        CreatedAt = conversation.CreatedAt,
        LastMessageAt = conversation.LastMessageAt,
        LastSequence = conversation.LastSequence,
        UnreadCount = conversation.UnreadCount,
        ExpiredCount = conversation.ExpiredCount,
    };
}

internal sealed record SealedBodyJson
{
    public required Guid ConversationId { get; init; }

    /// <summary>1 byte to 96 KiB, base64.</summary>
    public required byte[] EncryptedPayload { get; init; }

    /// <summary>24 bytes, base64.</summary>
    public required byte[] Nonce { get; init; }

    /// <summary>32 bytes, base64.</summary>
    public required byte[] EphemeralPubkey { get; init; }

    /// <summary>Your clock, Unix milliseconds.</summary>
    public required long Timestamp { get; init; }

    /// <summary>1 to 64 printable ASCII characters. Sent again, it answers with the first result.</summary>
    public string? ClientId { get; init; }
}

/// <summary>A sealed message. Deleted, it has no payload.</summary>
internal sealed record EncryptedDmMessageJson
{
    public required Guid Id { get; init; }
    public required Guid ConversationId { get; init; }
    public required Guid SenderId { get; init; }

    /// <summary>The identity key under which it was sent.</summary>
    public required string SenderPubkey { get; init; }

    public required string SenderDisplayName { get; init; }
    public required byte[] EncryptedPayload { get; init; }
    public required byte[] Nonce { get; init; }
    public required byte[] EphemeralPubkey { get; init; }

    /// <summary>The sender's clock.</summary>
    public required long Timestamp { get; init; }

    public required long ServerSequence { get; init; }
    public required long Revision { get; init; }
    public required string? ClientId { get; init; }
    public required bool Deleted { get; init; }

    public static EncryptedDmMessageJson Of(Message message) => new()
    {
        Id = message.Id,
        ConversationId = message.ConversationId,
        SenderId = message.SenderId,
        SenderPubkey = message.SenderPublicKey,
        SenderDisplayName = message.SenderDisplayName,
        EncryptedPayload = message.Sealed?.Payload ?? [],
        Nonce = message.Sealed?.Nonce ?? [],
        EphemeralPubkey = message.Sealed?.EphemeralKey ?? [],
        Timestamp = message.Sealed?.SentAt ?? message.Timestamp,
        ServerSequence = message.Sequence,
        Revision = message.Revision,
        ClientId = message.ClientId,
        Deleted = message.Deleted,
    };
}

internal sealed record DmHistoryJson
{
    /// <summary>Newest first.</summary>
    public required IReadOnlyList<EncryptedDmMessageJson> Messages { get; init; }

    /// <summary>Of older ones; on a page after a sequence, of newer ones.</summary>
    public required bool HasMore { get; init; }

    public static DmHistoryJson Of(HistoryPage page) =>
        new() { Messages = [.. page.Messages.Select(EncryptedDmMessageJson.Of)], HasMore = page.HasMore };
}

internal sealed record AcknowledgedBody
{
    /// <summary>At most 1,000.</summary>
    public required Guid[] MessageIds { get; init; }
}

internal sealed record AcknowledgedJson
{
    /// <summary>How many of them waited for you.</summary>
    public required int Acknowledged { get; init; }
}

[JsonSerializable(typeof(DmKeyBody))]
[JsonSerializable(typeof(DmKeyJson))]
[JsonSerializable(typeof(NewDmBody))]
[JsonSerializable(typeof(DmConversationJson[]))]
[JsonSerializable(typeof(SealedBodyJson))]
[JsonSerializable(typeof(EncryptedDmMessageJson[]))]
[JsonSerializable(typeof(DmHistoryJson))]
[JsonSerializable(typeof(AcknowledgedBody))]
[JsonSerializable(typeof(AcknowledgedJson))]
internal sealed partial class DirectMessagesJson : JsonSerializerContext;
