using System.Security.Cryptography;

namespace United.Core.Identity;

/// <summary>
/// The one way in which passwords are hashed and verified, for all doors. A hash takes 32 MiB and a core for a fifth of a
/// second, so no more run than there are cores, and of those that wait no more than a queue's length.
/// </summary>
public sealed class Passwords : IDisposable
{
    private const int MostWaiting = 64;

    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _cores = new(Environment.ProcessorCount);
    private readonly PasswordCost _cost;
    private readonly PasswordHash _nobody;
    private int _waiting;

    public Passwords() : this(PasswordCost.Usual)
    {
    }

    internal Passwords(PasswordCost cost)
    {
        _cost = cost;
        var salt = RandomNumberGenerator.GetBytes(16);
        _nobody = new PasswordHash(cost, salt, RandomNumberGenerator.GetBytes(32));
    }

    /// <param name="password">One that <see cref="PasswordRules.Choose"/> let pass.</param>
    public Task<Result<string>> Hash(string password, CancellationToken ct) =>
        InTurn(() => PasswordHash.Make(PasswordRules.Bytes(password)!, _cost).ToString(), ct);

    /// <param name="stored">Null where there is no such user, or no password: takes as long, and never matches.</param>
    public Task<Result<Verdict>> Verify(string password, string? stored, CancellationToken ct)
    {
        var bytes = PasswordRules.Bytes(password);
        var hash = stored is null || bytes is null ? _nobody : PasswordHash.Parse(stored);
        return InTurn(() =>
        {
            // The work is done whatever the case: time must not tell who exists.
            var matches = hash.Matches(bytes ?? []) && stored is not null && bytes is not null;
            return new Verdict(matches, matches && hash.Cost != _cost);
        }, ct);
    }

    public void Dispose() => _cores.Dispose();

    private async Task<Result<T>> InTurn<T>(Func<T> work, CancellationToken ct)
    {
        if (Interlocked.Increment(ref _waiting) > MostWaiting + Environment.ProcessorCount)
        {
            Interlocked.Decrement(ref _waiting);
            return new Refusal(Fault.Unavailable, RetryAfter: Retry);
        }
        try
        {
            await _cores.WaitAsync(ct);
            try
            {
                return await Task.Run(work, ct);
            }
            finally
            {
                _cores.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    /// <param name="Outdated">It matches, but was hashed at another cost: hash it anew.</param>
    public readonly record struct Verdict(bool Matches, bool Outdated);
}
