using System.Buffers.Binary;
using System.Text;
using United.Core.Identity;

namespace United.Core.Messages;

/// <summary>
/// Checks the author's own signature (specification 4, p2p), and makes the gossip envelope by which peers can check it later. The
/// signature is over topic, type, timestamp, sequence hint and payload, with nothing that marks where the topic ends: safe here,
/// because the topic is not taken from the sender but made from the server's key and the conversation.
/// </summary>
/// <param name="serverId">The server's identity key, lower-case hex.</param>
internal sealed class SignedPosts(string serverId)
{
    private const int MostPayload = 32 * 1024;
    private const int Chat = 1;

    // Milliseconds between the author's clock and ours.
    private const long MostAhead = 5 * 60_000, Late = 5 * 60_000, TooLate = 30L * 24 * 3_600_000;

    /// <summary>The draft with signature and envelope, or why it may not have them.</summary>
    public Result<PostDraft> Sign(PostDraft draft, SignedOrigin origin)
    {
        if (draft.SenderPublicKey.Length == 0) return Fault.NoIdentityKey;
        if (origin.Payload.Length > MostPayload) return Fault.TooLarge;
        var age = draft.Timestamp - Math.Max(origin.Timestamp, 0);
        if (age is < -MostAhead or > TooLate) return Refusal.Invalid("timestamp", "is too far from now");
        if (origin.SequenceHint < 0) return Refusal.Invalid("sequence_hint", "is below 0");
        var (topic, key) = (Topic(draft.ConversationId), Convert.FromHexString(draft.SenderPublicKey));
        if (!Ed25519.Verify(key, Signed(topic, origin), origin.Signature)) return Fault.SignatureInvalid;
        return Says(draft, origin.Payload)
            ? draft with { Signature = origin.Signature, Envelope = Envelope(key, topic, origin), Late = age > Late }
            : new Refusal(Fault.SignatureInvalid, "payload", "is another message");
    }

    // Place and author stand in the envelope too, so a payload may leave them out.
    private static bool Says(PostDraft draft, byte[] payload) =>
        SignedMessage.TryRead(payload, out var said)
        && (said.ChannelId.Length == 0 || said.ChannelId == draft.ConversationId.ToString())
        && (said.SenderPublicKey.Length == 0 || said.SenderPublicKey == draft.SenderPublicKey)
        && said.Content == draft.Content
        && said.ReplyToId == (draft.ReplyToId?.ToString() ?? "");

    private static byte[] Signed(byte[] topic, SignedOrigin origin)
    {
        var signed = new byte[topic.Length + 20 + origin.Payload.Length];
        topic.CopyTo(signed, 0);
        var numbers = signed.AsSpan(topic.Length);
        BinaryPrimitives.WriteInt32BigEndian(numbers, Chat);
        BinaryPrimitives.WriteInt64BigEndian(numbers[4..], origin.Timestamp);
        BinaryPrimitives.WriteInt64BigEndian(numbers[12..], origin.SequenceHint);
        origin.Payload.CopyTo(numbers[20..]);
        return signed;
    }

    // GossipEnvelope: sender_pubkey = 1, signature = 2, topic = 3, message_type = 4, timestamp = 5, sequence_hint = 6, payload = 7.
    private static byte[] Envelope(byte[] key, byte[] topic, SignedOrigin origin)
    {
        using var envelope = new MemoryStream(200 + origin.Payload.Length);
        Bytes(envelope, 1, key);
        Bytes(envelope, 2, origin.Signature);
        Bytes(envelope, 3, topic);
        Number(envelope, 4, Chat);
        Number(envelope, 5, (ulong)origin.Timestamp);
        Number(envelope, 6, (ulong)origin.SequenceHint);
        Bytes(envelope, 7, origin.Payload);
        return envelope.ToArray();
    }

    private static void Bytes(MemoryStream envelope, int field, byte[] value)
    {
        Varint(envelope, (ulong)((field << 3) | 2));
        Varint(envelope, (ulong)value.Length);
        envelope.Write(value);
    }

    private static void Number(MemoryStream envelope, int field, ulong value)
    {
        if (value == 0) return; // proto3: what has its default value is left out
        Varint(envelope, (ulong)(field << 3));
        Varint(envelope, value);
    }

    private static void Varint(MemoryStream envelope, ulong value)
    {
        for (; value >= 0x80; value >>= 7) envelope.WriteByte((byte)(value | 0x80));
        envelope.WriteByte((byte)value);
    }

    private byte[] Topic(Guid conversationId) => Encoding.UTF8.GetBytes($"{serverId[..16]}/{conversationId}");
}
