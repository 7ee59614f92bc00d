"""What is written inside well-known program files: the names, makers and versions that Sysmon reads from them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Program:
    """The version resource of a file. A file without one has a dash everywhere."""

    original: str = "-"
    description: str = "-"
    product: str = "-"
    company: str = "-"
    version: str = "-"
    signer: str = ""


UNKNOWN = Program()

_WINDOWS = ("Microsoft® Windows® Operating System", "Microsoft Corporation", "10.0.19041.1 (WinBuild.160101.0800)")
_OFFICE = ("Microsoft Office", "Microsoft Corporation", "16.0.16731.20234")

# file name: original file name, description
_OF_WINDOWS = {
    "amsi.dll": ("amsi.dll", "Anti-Malware Scan Interface"),
    "arp.exe": ("arp.exe", "TCP/IP Arp Command"),
    "at.exe": ("AT.EXE", "Schedule service command line interface"),
    "attrib.exe": ("ATTRIB.EXE", "Attribute Utility"),
    "audiodg.exe": ("audiodg.exe", "Windows Audio Device Graph Isolation"),
    "backgroundtaskhost.exe": ("backgroundTaskHost.exe", "Background Task Host"),
    "bcdedit.exe": ("bcdedit.exe", "Boot Configuration Data Editor"),
    "bitsadmin.exe": ("bitsadmin.exe", "BITS administration utility"),
    "calc.exe": ("CALC.EXE", "Windows Calculator"),
    "certutil.exe": ("CertUtil.exe", "CertUtil.exe"),
    "cipher.exe": ("CIPHER.EXE", "File Encryption Utility"),
    "clip.exe": ("clip.exe", "Clip - copies the data into clipboard"),
    "cmd.exe": ("Cmd.Exe", "Windows Command Processor"),
    "comsvcs.dll": ("COMSVCS.DLL", "COM+ Services"),
    "conhost.exe": ("CONHOST.EXE", "Console Window Host"),
    "consent.exe": ("consent.exe", "Consent UI for administrative applications"),
    "control.exe": ("CONTROL.EXE", "Windows Control Panel"),
    "cryptdll.dll": ("cryptdll.dll", "Cryptography Manager"),
    "cscript.exe": ("cscript.exe", "Microsoft ® Console Based Script Host"),
    "csrss.exe": ("CSRSS.Exe", "Client Server Runtime Process"),
    "ctfmon.exe": ("CTFMON.EXE", "CTF Loader"),
    "curl.exe": ("curl.exe", "The curl executable"),
    "dbgcore.dll": ("DBGCORE.DLL", "Windows Core Debugging Helpers"),
    "dbghelp.dll": ("DBGHELP.DLL", "Windows Image Helper"),
    "dllhost.exe": ("dllhost.exe", "COM Surrogate"),
    "dns.exe": ("dns.exe", "Domain Name System (DNS) Server"),
    "dsquery.exe": ("dsquery.exe", "Microsoft AD DS/LDS query command line utility"),
    "dwm.exe": ("dwm.exe", "Desktop Window Manager"),
    "esentutl.exe": ("\\esentutl.exe", "Extensible Storage Engine Utilities for Microsoft(R) Windows(R)"),
    "explorer.exe": ("EXPLORER.EXE", "Windows Explorer"),
    "find.exe": ("FIND.EXE", "Find String (grep) Utility"),
    "findstr.exe": ("FINDSTR.EXE", "Find String (QGREP) Utility"),
    "fodhelper.exe": ("FodHelper.EXE", "Features On Demand Helper"),
    "fsutil.exe": ("fsutil.exe", "fsutil.exe"),
    "gpresult.exe": ("gprslt.exe", "Query Group Policy RSOP Data"),
    "gpupdate.exe": ("GPUpdate.exe", "Microsoft® Group Policy Update Utility"),
    "hostname.exe": ("hostname.exe", "Hostname APP"),
    "icacls.exe": ("iCACLS.EXE", ""),
    "ipconfig.exe": ("ipconfig.exe", "IP Configuration Utility"),
    "kernel32.dll": ("kernel32", "Windows NT BASE API Client DLL"),
    "klist.exe": ("klist.exe", "Tool for managing the Kerberos ticket cache"),
    "lsass.exe": ("lsass.exe", "Local Security Authority Process"),
    "mmc.exe": ("mmc.exe", "Microsoft Management Console"),
    "mpcmdrun.exe": ("MpCmdRun.exe", "Microsoft Malware Protection Command Line Utility"),
    "msbuild.exe": ("MSBuild.exe", "MSBuild.exe"),
    "msconfig.exe": ("msconfig.exe", "System Configuration Utility"),
    "mshta.exe": ("MSHTA.EXE", "Microsoft (R) HTML Application host"),
    "msiexec.exe": ("msiexec.exe", "Windows® installer"),
    "msinfo32.exe": ("msinfo32.exe", "System Information"),
    "msmpeng.exe": ("MsMpEng.exe", "Antimalware Service Executable"),
    "mspaint.exe": ("MSPAINT.EXE", "Paint"),
    "mstsc.exe": ("mstsc.exe", "Remote Desktop Connection"),
    "nbtstat.exe": ("nbtinfo.exe", "TCP/IP NetBios Information"),
    "net.exe": ("net.exe", "Net Command"),
    "net1.exe": ("net1.exe", "Net Command"),
    "netsh.exe": ("netsh.exe", "Network Command Shell"),
    "netstat.exe": ("netstat.exe", "TCP/IP Netstat Command"),
    "nltest.exe": ("nltestrk.exe", "Microsoft® Logon Server Test Utility"),
    "notepad.exe": ("NOTEPAD.EXE", "Notepad"),
    "nslookup.exe": ("nslookup.exe", "nslookup"),
    "ntdll.dll": ("ntdll.dll", "NT Layer DLL"),
    "ntdsutil.exe": ("ntdsutil.exe", "NT5DS"),
    "odbcconf.exe": ("odbcconf.exe", "ODBC Driver Configuration Program"),
    "ping.exe": ("ping.exe", "TCP/IP Ping Command"),
    "powershell.exe": ("PowerShell.EXE", "Windows PowerShell"),
    "powershell_ise.exe": ("powershell_ise.EXE", "Windows PowerShell ISE"),
    "qprocess.exe": ("qprocess.exe", "Query Process Utility"),
    "query.exe": ("query.exe", "MultiUser Query Utility"),
    "quser.exe": ("quser.exe", "Query User Utility"),
    "qwinsta.exe": ("qwinsta.exe", "Query Session Utility"),
    "rdpclip.exe": ("rdpclip.exe", "RDP Clipboard Monitor"),
    "reg.exe": ("reg.exe", "Registry Console Tool"),
    "regedit.exe": ("REGEDIT.EXE", "Registry Editor"),
    "regsvr32.exe": ("REGSVR32.EXE", "Microsoft(C) Register Server"),
    "robocopy.exe": ("robocopy.exe", "Microsoft Robocopy"),
    "route.exe": ("route.exe", "TCP/IP Route Command"),
    "rundll32.exe": ("RUNDLL32.EXE", "Windows host process (Rundll32)"),
    "runtimebroker.exe": ("RuntimeBroker.exe", "Runtime Broker"),
    "samlib.dll": ("SAMLib.DLL", "SAM Library DLL"),
    "sc.exe": ("sc.exe", "Service Control Manager Configuration Tool"),
    "schtasks.exe": ("schtasks.exe", "Task Scheduler Configuration Tool"),
    "searchindexer.exe": ("SearchIndexer.exe", "Microsoft Windows Search Indexer"),
    "searchprotocolhost.exe": ("SearchProtocolHost.exe", "Microsoft Windows Search Protocol Host"),
    "services.exe": ("services.exe", "Services and Controller app"),
    "sihost.exe": ("sihost.exe", "Shell Infrastructure Host"),
    "smartscreen.exe": ("smartscreen.exe", "Windows Defender SmartScreen"),
    "smss.exe": ("smss.exe", "Windows Session Manager"),
    "spoolsv.exe": ("spoolsv.exe", "Spooler SubSystem App"),
    "svchost.exe": ("svchost.exe", "Host Process for Windows Services"),
    "systeminfo.exe": ("sysinfo.exe", "Displays system information"),
    "takeown.exe": ("takeown.exe", "Takes ownership of a file"),
    "taskhostw.exe": ("taskhostw.exe", "Host Process for Windows Tasks"),
    "taskkill.exe": ("taskkill.exe", "Terminates Processes"),
    "tasklist.exe": ("tasklist.exe", "Lists the current running tasks"),
    "taskmgr.exe": ("Taskmgr.exe", "Task Manager"),
    "tracert.exe": ("tracert.exe", "TCP/IP Traceroute Command"),
    "userinit.exe": ("USERINIT.EXE", "Userinit Logon Application"),
    "vaultcli.dll": ("vaultcli.dll", "Credential Vault Client Library"),
    "vssadmin.exe": ("VSSADMIN.EXE", "Command Line Interface for Microsoft® Volume Shadow Copy Service "),
    "w3wp.exe": ("w3wp.exe", "IIS Worker Process"),
    "wbadmin.exe": ("WBADMIN.EXE", "Command Line Interface for Microsoft® BLB Backup"),
    "werfault.exe": ("WerFault.exe", "Windows Problem Reporting"),
    "wevtutil.exe": ("wevtutil.exe", "Eventing Command Line Utility"),
    "whoami.exe": ("whoami.exe", "whoami - displays logged on user information"),
    "wininit.exe": ("WinInit.exe", "Windows Start-Up Application"),
    "winlogon.exe": ("WINLOGON.EXE", "Windows Logon Application"),
    "winrs.exe": ("winrs.exe", "winrs"),
    "wmic.exe": ("wmic.exe", "WMI Commandline Utility"),
    "wmiprvse.exe": ("Wmiprvse.exe", "WMI Provider Host"),
    "wscript.exe": ("wscript.exe", "Microsoft ® Windows Based Script Host"),
    "wsmprovhost.exe": ("wsmprovhost.exe", "Host process for WinRM plug-ins"),
    "wuauclt.exe": ("wuauclt.exe", "Windows Update"),
    "xcopy.exe": ("XCOPY.EXE", "Extended Copy Utility"),
}
_OF_OFFICE = {
    "excel.exe": ("Excel.exe", "Microsoft Excel"),
    "onenote.exe": ("OneNote.exe", "Microsoft OneNote"),
    "outlook.exe": ("Outlook.exe", "Microsoft Outlook"),
    "powerpnt.exe": ("POWERPNT.EXE", "Microsoft PowerPoint"),
    "winword.exe": ("WinWord.exe", "Microsoft Word"),
}
_OF_OTHERS = {
    "7z.exe": Program("7z.exe", "7-Zip Console", "7-Zip", "Igor Pavlov", "23.01"),
    "acrord32.exe": Program(
        "AcroRd32.exe",
        "Adobe Acrobat Reader",
        "Adobe Acrobat Reader",
        "Adobe Systems Incorporated",
        "23.8.20470.0",
        "Adobe Inc.",
    ),
    "adfind.exe": Program("AdFind.exe", "-", "AdFind", "www.joeware.net", "1.56.0.0"),
    "chrome.exe": Program("chrome.exe", "Google Chrome", "Google Chrome", "Google LLC", "120.0.6099.130", "Google LLC"),
    "firefox.exe": Program("firefox.exe", "Firefox", "Firefox", "Mozilla Corporation", "121.0", "Mozilla Corporation"),
    "mimikatz.exe": Program(
        "mimikatz.exe", "mimikatz for Windows", "mimikatz", "gentilkiwi (Benjamin DELPY)", "2.2.0.0"
    ),
    "msedge.exe": Program(
        "msedge.exe",
        "Microsoft Edge",
        "Microsoft Edge",
        "Microsoft Corporation",
        "120.0.2210.91",
        "Microsoft Corporation",
    ),
    "onedrive.exe": Program(
        "OneDrive.exe",
        "Microsoft OneDrive",
        "Microsoft OneDrive",
        "Microsoft Corporation",
        "23.246.1127.0002",
        "Microsoft Corporation",
    ),
    "procdump.exe": Program(
        "procdump",
        "Sysinternals process dump utility",
        "ProcDump",
        "Sysinternals - www.sysinternals.com",
        "11.0",
        "Microsoft Corporation",
    ),
    "psexec.exe": Program(
        "psexec.c",
        "Execute processes remotely",
        "Sysinternals PsExec",
        "Sysinternals - www.sysinternals.com",
        "2.43",
        "Microsoft Corporation",
    ),
    "psexesvc.exe": Program(
        "psexesvc.exe",
        "PsExec Service",
        "Sysinternals PsExec",
        "Sysinternals - www.sysinternals.com",
        "2.43",
        "Microsoft Corporation",
    ),
    "rclone.exe": Program("rclone.exe", "Rsync for cloud storage", "Rclone", "https://rclone.org", "1.65.0"),
    "teams.exe": Program(
        "Teams.exe",
        "Microsoft Teams",
        "Microsoft Teams",
        "Microsoft Corporation",
        "1.6.00.33567",
        "Microsoft Corporation",
    ),
}
_OF_OTHERS["vbe7.dll"] = Program(
    "VBE7.DLL",
    "Visual Basic Design Time Environment",
    "Visual Basic Environment",
    "Microsoft Corporation",
    "7.01.1146",
    "Microsoft Corporation",
)
_OF_OTHERS["procdump64.exe"] = _OF_OTHERS["procdump.exe"]
_OF_OTHERS["psexec64.exe"] = _OF_OTHERS["psexec.exe"]


def program_at(path: str) -> Program:
    """Return what is written inside the file at a path.

    A program of Windows or Office is believed to be one only where it is installed:
    malware that is called svchost.exe and lies elsewhere has no version resource.
    """
    lowered = path.lower()
    name = lowered.rpartition("\\")[2]
    if name in _OF_OTHERS:
        return _OF_OTHERS[name]
    if name in _OF_OFFICE and "\\program files" in lowered:
        return Program(*_OF_OFFICE[name], *_OFFICE, "Microsoft Corporation")
    if name in _OF_WINDOWS and ("\\windows\\" in lowered or "\\windows defender\\" in lowered):
        return Program(*_OF_WINDOWS[name], *_WINDOWS, "Microsoft Windows")
    return Program(signer="Microsoft Windows") if is_of_windows(lowered) else UNKNOWN


def is_of_windows(path: str) -> bool:
    """Say whether a file lies where only Windows itself installs."""
    lowered = path.lower()
    return lowered.startswith(("c:\\windows\\system32\\", "c:\\windows\\syswow64\\", "c:\\windows\\winsxs\\"))
