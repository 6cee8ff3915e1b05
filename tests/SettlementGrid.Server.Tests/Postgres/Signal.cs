using System.Runtime.InteropServices;

namespace SettlementGrid.Server.Tests.Postgres;

/// <summary>Signals to other processes, which .NET can only receive.</summary>
internal static partial class Signal
{
    public const int Interrupt = 2;
    public const int Kill = 9;
    public const int Terminate = 15;
    public const int Stop = 19;

    [LibraryImport("libc", EntryPoint = "kill")]
    public static partial int Send(int process, int signal);
}
