using System.Net;

namespace United.Core.Identity;

/// <summary>Somebody who is not signed in, as the wire sees them.</summary>
/// <param name="Origin">The <c>scheme://host[:port]</c> that they call: part of what an identity key signs.</param>
/// <param name="IsLocal">They sit at this machine, and that is allowed to stand for the set-up link.</param>
public sealed record Visitor(IPAddress Address, string UserAgent, string Origin, bool IsLocal = false);
