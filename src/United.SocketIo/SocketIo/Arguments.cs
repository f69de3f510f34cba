using System.Collections;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace United.SocketIo;

/// <summary>
/// What came with an event or an acknowledgement: JSON values that are read when asked for, and the binary attachments that their
/// placeholders stand for. Owns its bytes; may be kept.
/// </summary>
public sealed class Arguments : IReadOnlyList<Argument>
{
    private readonly JsonSerializerOptions _options;
    private readonly Range[] _items;

    private Arguments(byte[] json, Range[] items, ReadOnlyMemory<byte>[] attachments, JsonSerializerOptions options) =>
        (Json, _items, Attachments, _options) = (json, items, attachments, options);

    public int Count => _items.Length;

    /// <summary>The array as it came, the name of an event included.</summary>
    internal byte[] Json { get; }

    internal ReadOnlyMemory<byte>[] Attachments { get; }

    public Argument this[int index] => new(Json.AsMemory(_items[index]), Attachments);

    /// <summary>One value as a type that the server's <see cref="SocketIoOptions.Json"/> knows.</summary>
    /// <exception cref="JsonException">The value is of another kind. Thrown out of an event handler it becomes the socket's error.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The client sent fewer arguments.</exception>
    public T? Get<T>(int index) => Get(index, (JsonTypeInfo<T>)_options.GetTypeInfo(typeof(T)));

    public T? Get<T>(int index, JsonTypeInfo<T> type)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        using var scope = BinaryScope.Reading(Attachments);
        return JsonSerializer.Deserialize(Json.AsSpan(_items[index]), type);
    }

    public IEnumerator<Argument> GetEnumerator()
    {
        for (var i = 0; i < Count; i++) yield return this[i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Takes the array of an acknowledgement apart.</summary>
    internal static bool TryRead(byte[] json, ReadOnlyMemory<byte>[] attachments, JsonSerializerOptions options, out Arguments arguments) =>
        TryRead(json, attachments, options, named: false, out _, out arguments);

    /// <summary>Takes the array of an event apart: a name (a string, or a number, as JavaScript has it), then the values.</summary>
    internal static bool TryReadEvent(byte[] json, ReadOnlyMemory<byte>[] attachments, JsonSerializerOptions options, out string name, out Arguments arguments) =>
        TryRead(json, attachments, options, named: true, out name, out arguments);

    internal static bool IsJson(ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json);
            while (reader.Read())
            {
            }
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static bool TryRead(byte[] json, ReadOnlyMemory<byte>[] attachments, JsonSerializerOptions options, bool named, out string name, out Arguments arguments)
    {
        (name, arguments) = ("", null!);
        try
        {
            var reader = new Utf8JsonReader(json);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray) return false;
            if (named && !TryReadName(ref reader, out name)) return false;
            var items = ReadItems(ref reader);
            if (reader.Read()) return false;
            if (attachments.Length > 0 && !Placeholders.AreWithin(json, attachments.Length)) return false;
            arguments = new Arguments(json, items, attachments, options);
            return true;
        }
        // InvalidOperationException: a string that is no Unicode text (half a surrogate pair).
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    private static bool TryReadName(ref Utf8JsonReader reader, out string name)
    {
        reader.Read();
        name = reader.TokenType switch
        {
            JsonTokenType.String => reader.GetString()!,
            JsonTokenType.Number => Encoding.ASCII.GetString(reader.ValueSpan),
            _ => "",
        };
        return reader.TokenType is JsonTokenType.String or JsonTokenType.Number;
    }

    private static Range[] ReadItems(ref Utf8JsonReader reader)
    {
        Span<Range> few = stackalloc Range[8];
        List<Range>? many = null;
        var count = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            var item = start..(int)reader.BytesConsumed;
            if (count < few.Length) few[count] = item;
            else (many ??= [.. few]).Add(item);
            count++;
        }
        return count == 0 ? [] : many?.ToArray() ?? few[..count].ToArray();
    }
}

/// <summary>One value as it came. Handed to an emit it goes out as it is, binary parts included.</summary>
public readonly struct Argument
{
    internal Argument(ReadOnlyMemory<byte> json, ReadOnlyMemory<byte>[] attachments) => (Json, Attachments) = (json, attachments);

    /// <summary>The value's JSON text in UTF-8; binary parts stand in it as placeholders.</summary>
    public ReadOnlyMemory<byte> Json { get; }

    internal ReadOnlyMemory<byte>[] Attachments { get; }

    public T? Get<T>(JsonTypeInfo<T> type)
    {
        using var scope = BinaryScope.Reading(Attachments);
        return JsonSerializer.Deserialize(Json.Span, type);
    }

    public override string ToString() => Encoding.UTF8.GetString(Json.Span);
}
