namespace United.Core;

/// <summary>One refusal: the fault, and where it helps the caller the field, the reason in words, and when to come back.</summary>
public sealed record Refusal(Fault Fault, string? Field = null, string? Reason = null, TimeSpan? RetryAfter = null)
{
    public static Refusal Invalid(string field, string reason) => new(Fault.ValidationFailed, field, reason);

    public static implicit operator Refusal(Fault fault) => new(fault);
}

/// <summary>Either a value or a refusal. What a caller may cause is a value of this type, never an exception.</summary>
public readonly struct Result<T>
{
    private readonly T _value;

    private Result(T value, Refusal? refusal) => (_value, Refusal) = (value, refusal);

    public Refusal? Refusal { get; }

    public bool Ok => Refusal is null;

    /// <exception cref="InvalidOperationException">It was refused: ask <see cref="Ok"/> first.</exception>
    public T Value => Refusal is null ? _value : throw new InvalidOperationException($"Refused: {Refusal.Fault.Code} {Refusal.Field} {Refusal.Reason}");

    public bool TryGet(out T value, out Refusal refusal)
    {
        value = _value;
        refusal = Refusal!;
        return Refusal is null;
    }

    public static implicit operator Result<T>(T value) => new(value, null);

    public static implicit operator Result<T>(Refusal refusal) => new(default!, refusal);

    public static implicit operator Result<T>(Fault fault) => new(default!, new Refusal(fault));
}

/// <summary>The value of an operation that has nothing to tell but that it was done.</summary>
public readonly record struct Done;
