namespace United.Server.Tests;
public sealed class SmokeTests { [Xunit.Fact] public void Arithmetic_holds() => Xunit.Assert.Equal(4, 2 + 2); }
