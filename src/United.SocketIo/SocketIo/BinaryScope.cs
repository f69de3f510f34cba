using System.Text.Json;
using System.Text.Json.Serialization;

namespace United.SocketIo;

/// <summary>
/// The attachments of the packet that this thread is reading or writing just now. Serializers are shared by all packets and know only
/// values, so what belongs to one packet has to come to their converters by another way; a scope never lives across an await.
/// </summary>
internal readonly ref struct BinaryScope
{
    [ThreadStatic]
    private static ReadOnlyMemory<byte>[]? _reading;

    [ThreadStatic]
    private static List<ReadOnlyMemory<byte>>? _writing;

    private readonly ReadOnlyMemory<byte>[]? _outerReading;
    private readonly List<ReadOnlyMemory<byte>>? _outerWriting;

    private BinaryScope(ReadOnlyMemory<byte>[]? reading, List<ReadOnlyMemory<byte>>? writing)
    {
        (_outerReading, _outerWriting) = (_reading, _writing);
        (_reading, _writing) = (reading, writing);
    }

    public static BinaryScope Reading(ReadOnlyMemory<byte>[] attachments) => new(attachments, null);

    public static BinaryScope Writing(List<ReadOnlyMemory<byte>> attachments) => new(null, attachments);

    public void Dispose() => (_reading, _writing) = (_outerReading, _outerWriting);

    /// <summary>The bytes that a placeholder stands for.</summary>
    internal static ReadOnlyMemory<byte> Read(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject || !Placeholders.IsPlaceholder(reader, out var number) || _reading is not { } attachments || number < 0 || number >= attachments.Length)
            throw new JsonException("Binary data expected.");
        reader.Skip();
        return attachments[number];
    }

    internal static void Write(Utf8JsonWriter writer, ReadOnlyMemory<byte> bytes)
    {
        if (_writing is not { } attachments) throw new JsonException("Binary data travels in events and acknowledgements only.");
        Placeholders.Write(writer, attachments.Count);
        attachments.Add(bytes);
    }
}

/// <summary>Byte arrays, wherever they stand in a value, travel as attachments.</summary>
internal sealed class BytesConverter : JsonConverter<byte[]>
{
    public override byte[]? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.Null ? null : BinaryScope.Read(ref reader).ToArray();

    public override void Write(Utf8JsonWriter writer, byte[] value, JsonSerializerOptions options) => BinaryScope.Write(writer, value);
}

internal sealed class MemoryConverter : JsonConverter<ReadOnlyMemory<byte>>
{
    public override ReadOnlyMemory<byte> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => BinaryScope.Read(ref reader);

    public override void Write(Utf8JsonWriter writer, ReadOnlyMemory<byte> value, JsonSerializerOptions options) => BinaryScope.Write(writer, value);
}
