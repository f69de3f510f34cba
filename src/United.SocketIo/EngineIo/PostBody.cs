using System.Buffers;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace United.SocketIo.EngineIo;

internal enum PostOutcome
{
    Whole,
    TooLarge,
    NotUtf8,
    Broken,
}

/// <summary>A POST's body in a pooled buffer that grows with what has really arrived.</summary>
internal sealed class PostBody(int most) : IDisposable
{
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(4096);
    private int _length;

    public ReadOnlyMemory<byte> Bytes => _buffer.AsMemory(0, _length);

    public async Task<PostOutcome> Read(HttpContext http)
    {
        if (http.Request.ContentLength > most) return PostOutcome.TooLarge;
        // The host's own limit is another subject: this path has its own, which may be higher or lower.
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } host) host.MaxRequestBodySize = null;
        try
        {
            while (_length <= most)
            {
                if (_length == _buffer.Length) Grow();
                var count = await http.Request.Body.ReadAsync(_buffer.AsMemory(_length), http.RequestAborted);
                if (count == 0) return Utf8.IsValid(_buffer.AsSpan(0, _length)) ? PostOutcome.Whole : PostOutcome.NotUtf8;
                _length += count;
            }
            return PostOutcome.TooLarge;
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or BadHttpRequestException)
        {
            return PostOutcome.Broken;
        }
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(_buffer);

    private void Grow()
    {
        var larger = ArrayPool<byte>.Shared.Rent(2 * _buffer.Length);
        _buffer.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
