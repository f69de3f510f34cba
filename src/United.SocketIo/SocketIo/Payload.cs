using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;
using United.SocketIo.EngineIo;

namespace United.SocketIo;

/// <summary>
/// The array of an event or acknowledgement in JSON, and its attachments: what every part of this library hands on, whether it goes to
/// clients, to other nodes, or into the memory of recovery. Encoded once, never changed.
/// </summary>
internal sealed class Payload(byte[] json, ReadOnlyMemory<byte>[] attachments)
{
    [ThreadStatic]
    private static Scratch? _scratch;

    public byte[] Json { get; } = json;

    public ReadOnlyMemory<byte>[] Attachments { get; } = attachments;

    /// <param name="name">Null for an acknowledgement.</param>
    public static Payload Encode(string? name, ReadOnlySpan<object?> args, JsonSerializerOptions options)
    {
        // Taken, not borrowed: a converter of the application may emit in turn.
        var scratch = _scratch ?? new Scratch();
        _scratch = null;
        try
        {
            return scratch.Encode(name, args, options);
        }
        finally
        {
            if (scratch.Reset()) _scratch = scratch;
            else scratch.Dispose();
        }
    }

    /// <summary>The same with the offset of connection state recovery as last element: a number, as text.</summary>
    public Payload WithOffset(long offset)
    {
        Span<byte> digits = stackalloc byte[20];
        Utf8Formatter.TryFormat(offset, digits, out var length);
        var json = GC.AllocateUninitializedArray<byte>(Json.Length + length + 3);
        var end = json.AsSpan(Json.Length - 1);
        Json.CopyTo(json, 0);
        ",\""u8.CopyTo(end);
        digits[..length].CopyTo(end[2..]);
        "\"]"u8.CopyTo(end[(2 + length)..]);
        return new Payload(json, Attachments);
    }

    public EngineMessage ToEvent(Namespace ns, long? ackId = null) => ToMessage(Attachments.Length == 0 ? '2' : '5', ns, ackId);

    public EngineMessage ToAck(Namespace ns, long ackId) => ToMessage(Attachments.Length == 0 ? '3' : '6', ns, ackId);

    /// <summary><c>type [attachments "-"] [namespace ","] [ackId]</c>, before the JSON.</summary>
    private EngineMessage ToMessage(char type, Namespace ns, long? ackId)
    {
        Span<byte> head = stackalloc byte[1 + 12 + 20 + (ns.Prefix.Length <= 256 ? ns.Prefix.Length : 0)];
        if (ns.Prefix.Length > 256) head = new byte[1 + 12 + 20 + ns.Prefix.Length];
        head[0] = (byte)type;
        var length = 1;
        if (Attachments.Length > 0)
        {
            Utf8Formatter.TryFormat(Attachments.Length, head[length..], out var digits);
            length += digits;
            head[length++] = (byte)'-';
        }
        ns.Prefix.CopyTo(head[length..]);
        length += ns.Prefix.Length;
        if (ackId is { } id)
        {
            Utf8Formatter.TryFormat(id, head[length..], out var digits);
            length += digits;
        }
        return EngineMessage.Create(head[..length], Json, Attachments);
    }

    private sealed class Scratch : IDisposable
    {
        private const int MostKept = 64 * 1024;

        private readonly ArrayBufferWriter<byte> _buffer = new(1024);
        private readonly Utf8JsonWriter _writer;
        private readonly List<ReadOnlyMemory<byte>> _attachments = [];

        public Scratch() => _writer = new Utf8JsonWriter(_buffer, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true });

        public Payload Encode(string? name, ReadOnlySpan<object?> args, JsonSerializerOptions options)
        {
            using var scope = BinaryScope.Writing(_attachments);
            _writer.WriteStartArray();
            if (name is not null) _writer.WriteStringValue(name);
            foreach (var arg in args) Write(arg, options);
            _writer.WriteEndArray();
            _writer.Flush();
            return new Payload(_buffer.WrittenSpan.ToArray(), _attachments.Count == 0 ? [] : [.. _attachments]);
        }

        /// <returns>False where it has grown too large to keep.</returns>
        public bool Reset()
        {
            _attachments.Clear();
            _buffer.ResetWrittenCount();
            _writer.Reset();
            return _buffer.Capacity <= MostKept;
        }

        public void Dispose() => _writer.Dispose();

        private void Write(object? arg, JsonSerializerOptions options)
        {
            switch (arg)
            {
                case null: _writer.WriteNullValue(); break;
                case string text: _writer.WriteStringValue(text); break;
                case int number: _writer.WriteNumberValue(number); break;
                case long number: _writer.WriteNumberValue(number); break;
                case bool truth: _writer.WriteBooleanValue(truth); break;
                case Argument raw: Relay(raw); break;
                default: JsonSerializer.Serialize(_writer, arg, options.GetTypeInfo(arg.GetType())); break;
            }
        }

        private void Relay(Argument raw)
        {
            if (raw.Attachments.Length == 0)
            {
                _writer.WriteRawValue(raw.Json.Span, skipInputValidation: true);
                return;
            }
            Placeholders.Copy(raw.Json.Span, _writer, number =>
            {
                _attachments.Add(raw.Attachments[number]);
                return _attachments.Count - 1;
            });
        }
    }
}
