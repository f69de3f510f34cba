using System.Text;

namespace United.Core.Messages;

/// <summary>
/// What a signed payload says: those fields of <c>united.chat.ChatMessage</c> (specification 4) that have to be the message's own.
/// Fields that are not known are passed over; of one that stands twice the last counts, as protobuf has it.
/// </summary>
internal readonly record struct SignedMessage(string ChannelId, string SenderPublicKey, string Content, string ReplyToId)
{
    private const int ChannelIdField = 2, SenderPublicKeyField = 3, ContentField = 5, ReplyToIdField = 9;
    private const int Varint = 0, Eight = 1, Bytes = 2, Four = 5;

    // Text that is not UTF-8 is no text.
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <returns>False if it is no such message.</returns>
    public static bool TryRead(ReadOnlySpan<byte> payload, out SignedMessage message)
    {
        message = new SignedMessage("", "", "", "");
        try
        {
            while (!payload.IsEmpty)
            {
                if (!TryVarint(ref payload, out var tag) || !TryValue(ref payload, (int)(tag & 7), out var value)) return false;
                message = message.With((int)(tag >> 3), (int)(tag & 7) == Bytes, value);
            }
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }

    private SignedMessage With(int field, bool isBytes, ReadOnlySpan<byte> value) => (field, isBytes) switch
    {
        (ChannelIdField, true) => this with { ChannelId = Strict.GetString(value) },
        (SenderPublicKeyField, true) => this with { SenderPublicKey = Strict.GetString(value) },
        (ContentField, true) => this with { Content = Strict.GetString(value) },
        (ReplyToIdField, true) => this with { ReplyToId = Strict.GetString(value) },
        _ => this,
    };

    private static bool TryValue(ref ReadOnlySpan<byte> rest, int wireType, out ReadOnlySpan<byte> value)
    {
        value = default;
        switch (wireType)
        {
            case Varint: return TryVarint(ref rest, out _);
            case Eight: return TryTake(ref rest, 8, out value);
            case Four: return TryTake(ref rest, 4, out value);
            case Bytes: return TryVarint(ref rest, out var length) && TryTake(ref rest, length, out value);
            default: return false;
        }
    }

    private static bool TryTake(ref ReadOnlySpan<byte> rest, ulong length, out ReadOnlySpan<byte> value)
    {
        value = default;
        if (length > (ulong)rest.Length) return false;
        value = rest[..(int)length];
        rest = rest[(int)length..];
        return true;
    }

    private static bool TryVarint(ref ReadOnlySpan<byte> rest, out ulong value)
    {
        value = 0;
        for (var i = 0; i < Math.Min(rest.Length, 10); i++)
        {
            value |= (ulong)(rest[i] & 0x7F) << (7 * i);
            if (rest[i] >= 0x80) continue;
            rest = rest[(i + 1)..];
            return true;
        }
        return false;
    }
}
