using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace United.SocketIo;

/// <summary>Writes payloads, one after the other, into one buffer.</summary>
internal sealed class PayloadWriter : IDisposable
{
    private const int MostKept = 64 * 1024;

    [ThreadStatic]
    private static PayloadWriter? _spare;

    private readonly ArrayBufferWriter<byte> _buffer = new(1024);
    private readonly Utf8JsonWriter _writer;
    private readonly List<ReadOnlyMemory<byte>> _attachments = [];

    private PayloadWriter() => _writer = new Utf8JsonWriter(_buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true });

    public ReadOnlySpan<byte> Json => _buffer.WrittenSpan;

    public ReadOnlySpan<ReadOnlyMemory<byte>> Attachments => CollectionsMarshal.AsSpan(_attachments);

    /// <summary>For this caller alone: a converter of the application may emit in turn, and so may who hears of what is sent.</summary>
    public static PayloadWriter Take()
    {
        var writer = _spare ?? new PayloadWriter();
        _spare = null;
        return writer;
    }

    /// <summary>Nobody may read what it has written any more.</summary>
    public void GiveBack()
    {
        _attachments.Clear();
        _buffer.ResetWrittenCount();
        _writer.Reset();
        if (_buffer.Capacity <= MostKept) _spare = this;
        else Dispose();
    }

    public void Dispose() => _writer.Dispose();

    /// <param name="name">Null for an acknowledgement.</param>
    public void Write(string? name, ReadOnlySpan<object?> args, SocketIoOptions options)
    {
        using var scope = BinaryScope.Writing(_attachments);
        _writer.WriteStartArray();
        if (name is not null) _writer.WriteStringValue(name);
        foreach (var arg in args) Write(arg, options.Json);
        _writer.WriteEndArray();
        _writer.Flush();
        if (_attachments.Count > options.MaxAttachments) throw new ArgumentException($"more than {options.MaxAttachments} binary parts (MaxAttachments)", nameof(args));
    }

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
