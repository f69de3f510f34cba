using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace United.SocketIo.Adapters;

/// <summary>
/// Between JSON with placeholders, which this library speaks inside, and the dialect of MessagePack that the original's Redis adapter
/// speaks (notepack.io 3): smallest forms, numbers as integers or float64, binary parts in place.
/// </summary>
internal static class MsgPack
{
    private const int MostDepth = 64;
    private const long MostExact = 1L << 53;

    /// <param name="attachments">What the placeholders in the JSON stand for; where there is none, nothing is a placeholder.</param>
    public static byte[] FromJson(ReadOnlyMemory<byte> json, ReadOnlySpan<ReadOnlyMemory<byte>> attachments)
    {
        using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = MostDepth + 8 });
        var writer = new ArrayBufferWriter<byte>(json.Length + 16);
        Write(document.RootElement, attachments, writer);
        return writer.WrittenSpan.ToArray();
    }

    /// <returns>False where the bytes are not exactly one value.</returns>
    public static bool TryToJson(ReadOnlySpan<byte> bytes, out byte[] json, out ReadOnlyMemory<byte>[] attachments)
    {
        var found = new List<ReadOnlyMemory<byte>>();
        var buffer = new ArrayBufferWriter<byte>(bytes.Length + 16);
        using var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        var reader = new Reader(bytes, writer, found);
        var whole = reader.TryCopy(MostDepth) && reader.AtEnd;
        writer.Flush();
        json = whole ? buffer.WrittenSpan.ToArray() : [];
        attachments = whole ? [.. found] : [];
        return whole;
    }

    private static void Write(JsonElement value, ReadOnlySpan<ReadOnlyMemory<byte>> attachments, ArrayBufferWriter<byte> writer)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Null: writer.Write((ReadOnlySpan<byte>)[0xC0]); break;
            case JsonValueKind.False: writer.Write((ReadOnlySpan<byte>)[0xC2]); break;
            case JsonValueKind.True: writer.Write((ReadOnlySpan<byte>)[0xC3]); break;
            case JsonValueKind.Number: WriteNumber(value.GetDouble(), writer); break;
            case JsonValueKind.String: WriteString(value.GetString()!, writer); break;
            case JsonValueKind.Array:
                WriteHead(value.GetArrayLength(), 15, 0x90, 0xDC, writer);
                foreach (var item in value.EnumerateArray()) Write(item, attachments, writer);
                break;
            default:
                WriteObject(value, attachments, writer);
                break;
        }
    }

    private static void WriteObject(JsonElement value, ReadOnlySpan<ReadOnlyMemory<byte>> attachments, ArrayBufferWriter<byte> writer)
    {
        if (attachments.Length > 0 && value.TryGetProperty("_placeholder"u8, out var mark) && mark.ValueKind == JsonValueKind.True
            && value.TryGetProperty("num"u8, out var num) && num.TryGetInt32(out var number))
        {
            WriteBytes(attachments[number].Span, writer);
            return;
        }
        WriteHead(value.GetPropertyCount(), 15, 0x80, 0xDE, writer);
        foreach (var property in value.EnumerateObject())
        {
            WriteString(property.Name, writer);
            Write(property.Value, attachments, writer);
        }
    }

    private static void WriteNumber(double number, ArrayBufferWriter<byte> writer)
    {
        if (Math.Floor(number) != number || Math.Abs(number) > MostExact)
        {
            writer.GetSpan(9)[0] = 0xCB;
            BinaryPrimitives.WriteDoubleBigEndian(writer.GetSpan(9)[1..], number);
            writer.Advance(9);
            return;
        }
        WriteInteger((long)number, writer);
    }

    private static void WriteInteger(long number, ArrayBufferWriter<byte> writer)
    {
        switch (number)
        {
            case >= -32 and < 128: writer.Write((ReadOnlySpan<byte>)[(byte)number]); break;
            case >= 0 and <= byte.MaxValue: writer.Write((ReadOnlySpan<byte>)[0xCC, (byte)number]); break;
            case >= 0 and <= ushort.MaxValue: WriteBig(0xCD, (ulong)number, 2, writer); break;
            case >= 0 and <= uint.MaxValue: WriteBig(0xCE, (ulong)number, 4, writer); break;
            case >= 0: WriteBig(0xCF, (ulong)number, 8, writer); break;
            case >= sbyte.MinValue: writer.Write((ReadOnlySpan<byte>)[0xD0, (byte)number]); break;
            case >= short.MinValue: WriteBig(0xD1, (ulong)number, 2, writer); break;
            case >= int.MinValue: WriteBig(0xD2, (ulong)number, 4, writer); break;
            default: WriteBig(0xD3, (ulong)number, 8, writer); break;
        }
    }

    private static void WriteString(string text, ArrayBufferWriter<byte> writer)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        if (utf8.Length < 32) writer.Write((ReadOnlySpan<byte>)[(byte)(0xA0 | utf8.Length)]);
        else WriteLength(utf8.Length, 0xD9, writer);
        writer.Write(utf8);
    }

    private static void WriteBytes(ReadOnlySpan<byte> bytes, ArrayBufferWriter<byte> writer)
    {
        WriteLength(bytes.Length, 0xC4, writer);
        writer.Write(bytes);
    }

    /// <summary>Three forms in a row: length in 8, 16, 32 bits.</summary>
    private static void WriteLength(int length, byte first, ArrayBufferWriter<byte> writer)
    {
        if (length <= byte.MaxValue) writer.Write((ReadOnlySpan<byte>)[first, (byte)length]);
        else if (length <= ushort.MaxValue) WriteBig((byte)(first + 1), (ulong)length, 2, writer);
        else WriteBig((byte)(first + 2), (ulong)length, 4, writer);
    }

    /// <summary>Of arrays and maps: the count in the first byte, or in 16 or 32 bits.</summary>
    private static void WriteHead(int count, int mostFixed, byte fixedForm, byte wideForm, ArrayBufferWriter<byte> writer)
    {
        if (count <= mostFixed) writer.Write((ReadOnlySpan<byte>)[(byte)(fixedForm | count)]);
        else if (count <= ushort.MaxValue) WriteBig(wideForm, (ulong)count, 2, writer);
        else WriteBig((byte)(wideForm + 1), (ulong)count, 4, writer);
    }

    private static void WriteBig(byte form, ulong value, int bytes, ArrayBufferWriter<byte> writer)
    {
        Span<byte> big = stackalloc byte[9];
        BinaryPrimitives.WriteUInt64BigEndian(big[1..], value);
        big = big[(8 - bytes)..];
        big[0] = form;
        writer.Write(big);
    }

    private ref struct Reader(ReadOnlySpan<byte> bytes, Utf8JsonWriter writer, List<ReadOnlyMemory<byte>> attachments)
    {
        private ReadOnlySpan<byte> _rest = bytes;

        public readonly bool AtEnd => _rest.IsEmpty;

        public bool TryCopy(int depth)
        {
            if (!TryTake(1, out var head)) return false;
            switch (head[0])
            {
                case < 0x80 or >= 0xE0: writer.WriteNumberValue((sbyte)head[0]); return true;
                case < 0x90: return TryCopyMap(head[0] & 0x0F, depth);
                case < 0xA0: return TryCopyArray(head[0] & 0x0F, depth);
                case < 0xC0: return TryCopyText(head[0] & 0x1F);
                case 0xC0: writer.WriteNullValue(); return true;
                case 0xC2: writer.WriteBooleanValue(false); return true;
                case 0xC3: writer.WriteBooleanValue(true); return true;
                case >= 0xC4 and <= 0xC6: return TryLength(1 << (head[0] - 0xC4), out var binary) && TryCopyBytes(binary);
                case >= 0xC7 and <= 0xC9: return TryLength(1 << (head[0] - 0xC7), out var extension) && TryCopyExtension(extension);
                case 0xCA: return TryTake(4, out var single) && Copied(BinaryPrimitives.ReadSingleBigEndian(single));
                case 0xCB: return TryTake(8, out var number) && Copied(BinaryPrimitives.ReadDoubleBigEndian(number));
                case >= 0xCC and <= 0xCF: return TryUnsigned(1 << (head[0] - 0xCC));
                case >= 0xD0 and <= 0xD3: return TrySigned(1 << (head[0] - 0xD0));
                case >= 0xD4 and <= 0xD8: return TryCopyExtension(1 << (head[0] - 0xD4));
                case >= 0xD9 and <= 0xDB: return TryLength(1 << (head[0] - 0xD9), out var text) && TryCopyText(text);
                case 0xDC or 0xDD: return TryLength(2 << (head[0] - 0xDC), out var items) && TryCopyArray(items, depth);
                case 0xDE or 0xDF: return TryLength(2 << (head[0] - 0xDE), out var pairs) && TryCopyMap(pairs, depth);
                default: return false;
            }
        }

        private bool TryCopyArray(int count, int depth)
        {
            // Each item is a byte at least: a count that lies costs nothing.
            if (depth == 0 || count > _rest.Length) return false;
            writer.WriteStartArray();
            for (var i = 0; i < count; i++)
            {
                if (!TryCopy(depth - 1)) return false;
            }
            writer.WriteEndArray();
            return true;
        }

        private bool TryCopyMap(int count, int depth)
        {
            if (depth == 0 || count > _rest.Length) return false;
            writer.WriteStartObject();
            for (var i = 0; i < count; i++)
            {
                if (!TryKey(out var key)) return false;
                writer.WritePropertyName(key);
                if (!TryCopy(depth - 1)) return false;
            }
            writer.WriteEndObject();
            return true;
        }

        private bool TryKey(out ReadOnlySpan<byte> key)
        {
            key = default;
            if (!TryTake(1, out var head)) return false;
            var length = (int)head[0] & 0x1F;
            if (head[0] is >= 0xD9 and <= 0xDB && !TryLength(1 << (head[0] - 0xD9), out length)) return false;
            return head[0] is (>= 0xA0 and < 0xC0) or (>= 0xD9 and <= 0xDB) && TryTake(length, out key) && System.Text.Unicode.Utf8.IsValid(key);
        }

        private bool TryCopyText(int length)
        {
            if (!TryTake(length, out var text) || !System.Text.Unicode.Utf8.IsValid(text)) return false;
            writer.WriteStringValue(text);
            return true;
        }

        private bool TryCopyBytes(int length)
        {
            if (!TryTake(length, out var binary)) return false;
            Placeholders.Write(writer, attachments.Count);
            attachments.Add(binary.ToArray());
            return true;
        }

        /// <summary>-1 is a point in time; 0 is what old versions used for times, buffers and <c>undefined</c>.</summary>
        private bool TryCopyExtension(int length)
        {
            if (!TryTake(1, out var type)) return false;
            if (type[0] == 0 && length > 1 && length != 8) return TryCopyBytes(length);
            if (!TryTake(length, out var data)) return false;
            switch (type[0], length)
            {
                case (0, 1): writer.WriteNullValue(); return true;
                case (0, 8): return CopiedTime(BinaryPrimitives.ReadInt64BigEndian(data));
                case (0xFF, 4): return CopiedTime(1000L * BinaryPrimitives.ReadUInt32BigEndian(data));
                case (0xFF, 8):
                    var both = BinaryPrimitives.ReadUInt64BigEndian(data);
                    return CopiedTime((long)(both & 0x3_FFFF_FFFF) * 1000 + (long)(both >> 34) / 1_000_000);
                case (0xFF, 12): return CopiedTime(unchecked(BinaryPrimitives.ReadInt64BigEndian(data[4..]) * 1000) + BinaryPrimitives.ReadUInt32BigEndian(data) / 1_000_000);
                default: return false;
            }
        }

        private readonly bool CopiedTime(long milliseconds)
        {
            if (milliseconds < DateTimeOffset.MinValue.ToUnixTimeMilliseconds() || milliseconds > DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()) return false;
            writer.WriteStringValue(DateTimeOffset.FromUnixTimeMilliseconds(milliseconds).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
            return true;
        }

        /// <summary>JSON has no word for what is no number.</summary>
        private readonly bool Copied(double number)
        {
            if (double.IsFinite(number)) writer.WriteNumberValue(number);
            else writer.WriteNullValue();
            return true;
        }

        private bool TryUnsigned(int size)
        {
            if (!TryTake(size, out var big)) return false;
            ulong value = 0;
            foreach (var b in big) value = value << 8 | b;
            writer.WriteNumberValue(value);
            return true;
        }

        private bool TrySigned(int size)
        {
            if (!TryTake(size, out var big)) return false;
            long value = (sbyte)big[0];
            foreach (var b in big[1..]) value = value << 8 | b;
            writer.WriteNumberValue(value);
            return true;
        }

        private bool TryLength(int size, out int length)
        {
            length = 0;
            if (!TryTake(size, out var big)) return false;
            ulong value = 0;
            foreach (var b in big) value = value << 8 | b;
            length = (int)Math.Min(value, int.MaxValue);
            return value <= (ulong)_rest.Length + 1;
        }

        private bool TryTake(int count, out ReadOnlySpan<byte> taken)
        {
            taken = default;
            if (count > _rest.Length) return false;
            taken = _rest[..count];
            _rest = _rest[count..];
            return true;
        }
    }
}
