using United.Core;

namespace United.Server.SocketIo;

/// <summary>What an acknowledgement carries.</summary>
internal readonly record struct Reply(object Payload)
{
    public static Result<Reply> Of<T>(Result<T> result, Func<T, object> shape) =>
        result.TryGet(out var value, out var refusal) ? new Reply(shape(value)) : refusal;
}
