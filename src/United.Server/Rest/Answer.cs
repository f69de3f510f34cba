using United.Core;

namespace United.Server.Rest;

/// <summary>Answers of routes: JSON by the rules of <see cref="RestJson"/>, or the refusal.</summary>
internal static class Answer
{
    public static IResult Json<T>(T value, int status = StatusCodes.Status200OK) =>
        Results.Json(value, RestJson.Of<T>(), statusCode: status);

    /// <param name="shape">From what the slice returns to what JSON shows.</param>
    public static IResult Of<T, TJson>(Result<T> result, Func<T, TJson> shape, int status = StatusCodes.Status200OK) =>
        result.TryGet(out var value, out var refusal) ? Json(shape(value), status) : RestFaults.Result(refusal);

    /// <summary>204, or the refusal.</summary>
    public static IResult Of<T>(Result<T> result) =>
        result.TryGet(out _, out var refusal) ? Results.NoContent() : RestFaults.Result(refusal);
}
